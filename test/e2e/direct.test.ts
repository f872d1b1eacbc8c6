import { isEmpty } from "../../scripts/local/cloudflare";
import type { LocalEnvironment } from "../../scripts/local/environment";
import { diffSnapshots, type FileSnapshot, type LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * One life of a stack with `access: direct`, with the real engine, sshd, Docker and OpenClaw: the host calls the gateway
 * itself, with its own provider keys. The tests build on each other, in order.
 */

const MINUTE = 60_000;
const key = (name: string) => `openclaw-ai-gateway:${name}`;

/** A model of each provider whose key the operator has, by the gateway's slug. */
const MODELS = {
  anthropic: "anthropic/claude-sonnet-4-6",
  openai: "openai/gpt-5.4",
  "google-ai-studio": "google/gemini-3.1-pro-preview",
  openrouter: "openrouter/auto",
} as const;

let tools: Toolchain;
let environment: LocalEnvironment;
let vps: LocalVps;
let filesBefore: FileSnapshot;
let keysBefore: string[];
let operator: OperatorSession;

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "direct");
  ({ environment, vps } = operator);
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

async function pulumi(...args: string[]) {
  succeeded(await operator.pulumi(...args));
}

const up = () => pulumi("up", "--yes", "--skip-preview");
const keys = () => Object.values(environment.providerKeys);

step(
  "up: the host calls the gateway itself; there is no Worker",
  async () => {
    filesBefore = await vps.snapshot();
    keysBefore = await vps.findSecrets(keys());
    environment.stack.configure({
      [key("access")]: "direct",
      [key("worker")]: undefined,
      [key("providers")]: Object.fromEntries(Object.keys(MODELS).map((slug) => [slug, true])),
    });

    await up();

    const { scripts, gateways } = environment.cloudflare.objects();
    expect(scripts).toEqual([]);
    expect(gateways).toHaveLength(1);
    const outputs = await environment.stack.outputs();
    expect(outputs).not.toHaveProperty("workerUrl");
    expect(outputs.routeModel).toBe("dynamic/main");
  },
  10,
);

step(
  "every provider key is where it was, and the container has the run token",
  async () => {
    expect(keysBefore).not.toEqual([]);
    expect((await vps.findSecrets(keys())).sort()).toEqual([...keysBefore].sort());
    const { openclawEnv } = await environment.stack.outputs(true);
    const { CLOUDFLARE_AIG_TOKEN: token } =
      (openclawEnv as Record<string, Record<string, string>>).vps1 ?? {};
    expect(await vps.containerEnvironment()).toMatchObject({ CLOUDFLARE_AIG_TOKEN: token });
    expect(operator.printed).not.toContain(token);
    expect(await environment.stack.exportState()).not.toContain(token);
  },
  2,
);

step(
  "OpenClaw answers by each provider's own path, with the host's own key",
  async () => {
    for (const [slug, model] of Object.entries(MODELS)) {
      expect(await operator.answer(model)).toContain(`pong from ${slug}/`);
      const logged = environment.cloudflare.gatewayLog().at(-1);
      expect(logged).toMatchObject({ provider: slug, status: 200, keySource: "request" });
      expect(logged?.metadata).toEqual({ host: "vps1" });
    }
  },
  5,
);

step(
  "OpenClaw answers by the dynamic route, which needs no key of the host",
  async () => {
    expect(await operator.answer("cloudflare-compat/dynamic/main")).toContain("@cf/zai-org/glm-4.7-flash");
    expect(environment.cloudflare.gatewayLog().at(-1)).toMatchObject({
      provider: "workers-ai",
      dynamicRoute: "main",
      status: 200,
      metadata: { host: "vps1" },
    });
  },
  5,
);

step(
  "a whole agent turn, with its side requests, passes the gateway",
  async () => {
    const logged = environment.cloudflare.gatewayLog().length;
    const turn = await operator.agentTurn();
    expect(turn).toMatchObject({ exitCode: 0 });
    expect(turn.stdout).toContain("pong from anthropic/claude-sonnet-4-6");
    const requests = environment.cloudflare.gatewayLog().slice(logged);
    expect(requests).not.toEqual([]);
    for (const request of requests) expect(request).toMatchObject({ status: 200 });
  },
  5,
);

step("S9: a second preview shows no change", () => pulumi("preview", "--expect-no-changes"), 2);

step(
  "S8: destroy puts the VPS back byte for byte and leaves nothing at Cloudflare",
  async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    expect(diffSnapshots(filesBefore, await vps.snapshot())).toEqual([]);
    expect(isEmpty(environment.cloudflare.objects())).toBe(true);
    const logged = environment.cloudflare.gatewayLog().length;
    expect(await operator.answer(MODELS.anthropic)).toContain("pong from anthropic/");
    expect(environment.cloudflare.gatewayLog()).toHaveLength(logged);
  },
  10,
);
