import { generateKeyPairSync } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isEmpty } from "../../scripts/local/cloudflare";
import type { LocalEnvironment } from "../../scripts/local/environment";
import { diffSnapshots, type FileSnapshot, type LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * One life of a stack with the real engine, plugins, sshd, Docker and OpenClaw. The tests build on each other, in
 * order: each is one step of that life. S-numbers are the promises of docs/promises.md.
 */

const MINUTE = 60_000;

let tools: Toolchain;
let operator: OperatorSession;
let environment: LocalEnvironment;
let vps: LocalVps;
let filesBefore: FileSnapshot;
let answerBefore: string;

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "lifecycle");
  ({ environment, vps } = operator);
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

function deployedRoute() {
  const [route, ...others] = environment.cloudflare.objects().routes;
  expect(others).toEqual([]);
  if (!route) throw new Error("there is no route");
  return route;
}

step(
  "before: the provider keys lie on the VPS and OpenClaw calls the provider itself",
  async () => {
    filesBefore = await vps.snapshot();
    answerBefore = await operator.answer();
    expect(answerBefore).toContain("anthropic/claude-sonnet-4-6");
    expect(await vps.findSecrets(Object.values(environment.providerKeys))).not.toEqual([]);
    expect(environment.cloudflare.gatewayLog()).toEqual([]);
  },
  5,
);

step(
  "S3: a host key that differs from the pin ends the run before any resource",
  async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    const other = Buffer.concat([Buffer.from("0000000b7373682d6564323535313900000020", "hex"), raw]);
    const hosts = environment.stack.config("openclaw-ai-gateway:hosts") as Record<string, unknown>[];
    environment.stack.configure({
      "openclaw-ai-gateway:hosts": hosts.map((host) => ({
        ...host,
        hostKey: `ssh-ed25519 ${other.toString("base64")}`,
      })),
    });

    const finished = await operator.up();

    environment.stack.configure({ "openclaw-ai-gateway:hosts": hosts });
    expect(finished.exitCode).not.toBe(0);
    expect(finished.stdout + finished.stderr).toContain("ssh-keyscan");
    expect(isEmpty(environment.cloudflare.objects())).toBe(true);
    expect(diffSnapshots(filesBefore, await vps.snapshot())).toEqual([]);
  },
  5,
);

step(
  "up moves the host",
  async () => {
    succeeded(await operator.up());
  },
  10,
);

step(
  "S1: no place on the VPS and no container environment holds a provider key",
  async () => {
    expect(await vps.findSecrets(Object.values(environment.providerKeys))).toEqual([]);
    const values = Object.values(await vps.containerEnvironment());
    for (const key of Object.values(environment.providerKeys)) expect(values).not.toContain(key);
  },
  2,
);

step(
  "OpenClaw answers through Worker and gateway, by a provider's own path and by the dynamic route",
  async () => {
    const { cloudflare, stack } = environment;
    const { routeModel } = await stack.outputs();

    expect(await operator.answer()).toBe(answerBefore);
    expect(await operator.answer(`cloudflare-compat/${String(routeModel)}`)).toContain(
      "@cf/zai-org/glm-4.7-flash",
    );

    const [native, routed] = cloudflare.gatewayLog().slice(-2);
    expect(native).toMatchObject({ provider: "anthropic", status: 200, metadata: { host: "vps1" } });
    expect(routed).toMatchObject({ provider: "workers-ai", status: 200, metadata: { host: "vps1" } });
    expect(`dynamic/${routed?.dynamicRoute}`).toBe(routeModel);
  },
  5,
);

step(
  "a whole agent turn, with its tools and side requests, passes the Worker",
  async () => {
    const logged = environment.cloudflare.gatewayLog().length;

    const turn = await operator.agentTurn();

    expect(turn).toMatchObject({ exitCode: 0 });
    expect(turn.stdout).toContain("pong from anthropic/claude-sonnet-4-6");
    const requests = environment.cloudflare.gatewayLog().slice(logged);
    expect(requests).not.toEqual([]);
    for (const request of requests) expect(request).toMatchObject({ provider: "anthropic", status: 200 });
  },
  5,
);

step(
  "S4: the Worker refuses a wrong token and an unlisted path without a call to the gateway",
  async () => {
    const { cloudflare, stack } = environment;
    const { workerUrl } = await stack.outputs();
    const logged = cloudflare.gatewayLog().length;
    const messages = `${String(workerUrl)}/anthropic/v1/messages`;

    const wrongToken = await fetch(messages, {
      method: "POST",
      headers: { "x-api-key": `ocg_${"0".repeat(48)}` },
    });
    const noToken = await fetch(messages, { method: "POST" });
    const unlisted = await fetch(`${String(workerUrl)}/anthropic/v1/organizations`);

    expect([wrongToken.status, noToken.status, unlisted.status]).toEqual([401, 401, 404]);
    expect(cloudflare.gatewayLog()).toHaveLength(logged);
  },
  1,
);

step(
  "S9: preview, refresh and the preview after it show no change",
  async () => {
    succeeded(await operator.pulumi("preview", "--expect-no-changes"));
    succeeded(await operator.refresh("--expect-no-changes"));
    succeeded(await operator.up("--expect-no-changes"));
  },
  5,
);

step(
  "status: the stack's configuration serves, and an edit of ours by hand shows",
  async () => {
    const status = async () => {
      const { exitCode, stdout } = await operator.command("status", "--json");
      return { exitCode, ...(JSON.parse(stdout) as object) };
    };
    const serving = { name: "vps1", serving: "gateway", notes: [] };
    expect(await status()).toEqual({ exitCode: 0, hosts: [{ ...serving, drift: [] }], pending: [] });

    const file = join(vps.directory, ".env");
    const applied = readFileSync(file, "utf8");
    appendFileSync(file, "COMPOSE_FILE=docker-compose.yml\n");
    expect(await status()).toEqual({
      exitCode: 1,
      hosts: [{ ...serving, drift: ["env changed since: COMPOSE_FILE"] }],
      pending: [],
    });
    writeFileSync(file, applied);
  },
  2,
);

step(
  "a change of the route's graph deploys a new version of the same route",
  async () => {
    const before = deployedRoute();

    environment.stack.configure({
      "openclaw-ai-gateway:routes": { main: { model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast" } },
    });
    succeeded(await operator.up());

    const after = deployedRoute();
    expect(after.id).toBe(before.id);
    expect(after.versions).toHaveLength(before.versions.length + 1);
    expect(after.deployments.at(-1)?.versionId).toBe(after.versions.at(-1)?.versionId);
    expect(after.deployments.at(-1)?.versionId).not.toBe(before.deployments.at(-1)?.versionId);
    const { routeModel } = await environment.stack.outputs();
    expect(await operator.answer(`cloudflare-compat/${String(routeModel)}`)).toContain("llama-3.3-70b");
    succeeded(await operator.pulumi("preview", "--expect-no-changes"));
  },
  10,
);

step(
  "S7: an apply whose turn fails at the provider is undone, and the old configuration keeps serving",
  async () => {
    const { stack, providerKeys } = environment;
    const served = await vps.snapshot();
    await stack.setSecret("openclaw-ai-gateway:providers.openai.apiKey", `sk-proj-${"w".repeat(48)}`);
    environment.stack.configure({
      "openclaw-ai-gateway:openclaw": { primaryModel: "openai/gpt-5.4" },
      // Else the key's own trial would refuse it before the host is touched.
      "openclaw-ai-gateway:preflight": { providerKeys: false },
    });

    const finished = await operator.up();

    expect(finished.exitCode).not.toBe(0);
    expect(diffSnapshots(served, await vps.snapshot())).toEqual([]);
    expect(await operator.answer()).toBe(answerBefore);

    environment.stack.configure({
      "openclaw-ai-gateway:openclaw": undefined,
      "openclaw-ai-gateway:preflight": undefined,
    });
    await stack.setSecret("openclaw-ai-gateway:providers.openai.apiKey", providerKeys.openai ?? "");
    succeeded(await operator.up());
  },
  15,
);

step(
  "S2: no secret in clear in the state and in nothing that was printed",
  async () => {
    const state = await environment.stack.exportState();
    const issued = await environment.stack.outputs(true);
    const hostToken = JSON.stringify(issued).match(/ocg_[A-Za-z0-9]+/)?.[0];
    const secrets = {
      ...environment.providerKeys,
      apiToken: environment.cloudflare.apiToken,
      sshKey: vps.privateKey.split("\n")[2] ?? "",
      hostToken: hostToken ?? "",
    };
    expect(operator.leaked(secrets)).toEqual([]);
    expect(operator.leaked(secrets, state)).toEqual([]);
  },
  2,
);

step(
  "S8: destroy puts the VPS back byte for byte and leaves nothing at Cloudflare",
  async () => {
    succeeded(await operator.destroy());

    expect(diffSnapshots(filesBefore, await vps.snapshot())).toEqual([]);
    expect(isEmpty(environment.cloudflare.objects())).toBe(true);
    const logged = environment.cloudflare.gatewayLog().length;
    expect(await operator.answer()).toBe(answerBefore);
    expect(environment.cloudflare.gatewayLog()).toHaveLength(logged);
  },
  10,
);
