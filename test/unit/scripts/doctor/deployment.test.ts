import { type HostPayload, hostStdin } from "../../../../infra/host/payload";
import { hostProgram } from "../../../../infra/host/program";
import { checksFor } from "../../../../scripts/doctor/checks";
import { deploymentOf } from "../../../../scripts/doctor/deployment";
import { CannotRun } from "../../../../scripts/lib/command";
import { KEYS, PRIVATE_KEY } from "../../config/raw-config";
import { exported, HOST_TOKEN, RUN_TOKEN, settings } from "./stack";

test("what is needed comes from the configuration and from the state", () => {
  const { config, apiToken, runToken, workerUrl, hosts } = deploymentOf("prod", settings(), exported());
  expect(config.gateway.id).toBe("openclaw-prod");
  expect({ apiToken, runToken, workerUrl }).toEqual({
    apiToken: "a".repeat(40),
    runToken: RUN_TOKEN,
    workerUrl: "http://127.0.0.1:9",
  });
  expect(hosts).toMatchObject([{ name: "vps1", applied: true, token: HOST_TOKEN }]);
});

test("a host is asked with the input of its last apply and the program of today", () => {
  const [host] = deploymentOf("prod", settings(), exported()).hosts;
  expect(host?.questions).toBe(hostStdin(hostProgram(), { host: "vps1", model: "m" } as HostPayload));
});

test("every secret is known, so that none is shown", () => {
  const { secrets } = deploymentOf("prod", settings(), exported());
  expect(secrets).toEqual(
    expect.arrayContaining([KEYS.anthropic, KEYS.openai, PRIVATE_KEY, RUN_TOKEN, HOST_TOKEN, "a".repeat(40)]),
  );
});

test("a stack that was never deployed cannot be looked at", () => {
  const look = () => deploymentOf("prod", settings(), { deployment: {} });
  expect(look).toThrow(CannotRun);
  expect(look).toThrow("Stack prod is not deployed. Deploy it: pulumi up --stack prod");
});

test("nor one whose configuration has problems: they are named, and no secret in them", () => {
  const wrong = settings({ accountId: "nobody", providers: { openai: { apiKey: "short" } } });
  const look = () => deploymentOf("prod", wrong, exported());
  expect(look).toThrow(CannotRun);
  expect(look).toThrow(/The configuration of stack 'prod' has [\s\S]*accountId/);
});

test("with access: direct there is no Worker to ask, and no key that should not be on a host", () => {
  const state = exported();
  const [stack] = state.deployment.resources ?? [];
  const outputs = { gatewayUrl: "http://127.0.0.1:9", openclawEnv: { vps1: { CLOUDFLARE_AIG_TOKEN: "t" } } };
  const resources = [{ urn: stack?.urn ?? "", outputs }, ...(state.deployment.resources ?? []).slice(1)];
  const direct = settings({ access: "direct", providers: { anthropic: true } });

  const found = deploymentOf("prod", direct, { deployment: { resources } });

  expect(found).toMatchObject({ workerUrl: undefined, runToken: RUN_TOKEN });
  const ids = checksFor(found, { inference: true }).map(({ id }) => id);
  expect(ids.filter((id) => /worker|provider:|:keys/.test(id))).toEqual([]);
  expect(ids).toEqual(expect.arrayContaining(["host:vps1:files", "host:vps1:turn"]));
});
