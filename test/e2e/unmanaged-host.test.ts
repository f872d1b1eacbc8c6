import { appendFileSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runOnHost } from "../../infra/host/jump-host";
import { type LocalCloudflare, startLocalCloudflare } from "../../scripts/local/cloudflare";
import { createLocalVps, type LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { CloudflareStack, OPENAI_KEY } from "./cloudflare-stack";
import { succeeded } from "./expectations";
import { step } from "./step";
import { toolchain } from "./toolchain";

/** A host that the stack does not manage gets its configuration by hand, as the README shows it, with a real OpenClaw. */

const MINUTE = 60_000;
/** What the README pipes the configuration into. */
const PATCH = "docker compose exec -T openclaw-gateway node dist/index.js config patch --stdin";

let tools: Toolchain;
let cloudflare: LocalCloudflare;
let stack: CloudflareStack;
let vps: LocalVps;

beforeAll(async () => {
  tools = await toolchain();
  cloudflare = await startLocalCloudflare({ providerKeys: { openai: OPENAI_KEY } });
  stack = await CloudflareStack.create(tools, cloudflare, "byhand");
  await stack.did(stack.up());
  vps = await createLocalVps({
    name: "byhand",
    toolchain: tools,
    providersUrl: cloudflare.providersUrl,
    providerKeys: {},
  });
}, 40 * MINUTE);

afterAll(async () => {
  await vps?.stop();
  stack?.dispose();
  await cloudflare?.close();
  await tools?.close();
}, 5 * MINUTE);

step("pulumi stack output openclawConfig is taken by openclaw config patch --stdin", async () => {
  const { workerUrl } = await stack.stack.outputs();
  const lines = [
    `AI_GATEWAY_WORKER_URL=${String(workerUrl)}`,
    `AI_GATEWAY_AUTH_TOKEN=${await stack.hostToken()}`,
  ];
  appendFileSync(join(vps.directory, ".env"), `${lines.join("\n")}\n`);
  await vps.start();
  const output = await stack.stack.pulumi(["stack", "output", "openclawConfig"]);
  succeeded(output);

  const patched = await runOnHost(
    vps,
    { command: `cd '${vps.directory}' && ${PATCH}`, stdin: output.stdout, limitMs: 5 * MINUTE },
    30_000,
  );

  expect(patched).toMatchObject({ exitCode: 0 });
  expect(output.stdout).not.toContain("ocg_");
});

step("OpenClaw then answers by a provider's own path and by the dynamic route", async () => {
  const { routeModel } = await stack.stack.outputs();
  for (const model of ["openai/gpt-5.4", `cloudflare-compat/${String(routeModel)}`]) {
    expect(await vps.ask("Are you there?", model)).toMatchObject({ ok: true });
  }
  expect(cloudflare.gatewayLog().slice(-2)).toMatchObject([
    { provider: "openai", status: 200 },
    { provider: "workers-ai", status: 200, dynamicRoute: "main" },
  ]);
});

test("it is the command of the README", () => {
  expect(readFileSync(resolve(__dirname, "../../README.md"), "utf8")).toContain(PATCH);
});
