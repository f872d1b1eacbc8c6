import type { Finished } from "../../scripts/lib/run";
import { isEmpty } from "../../scripts/local/cloudflare";
import { createLocalEnvironment, type LocalEnvironment } from "../../scripts/local/environment";
import { diffSnapshots, type FileSnapshot, type LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { operatorCommand } from "./operator-command";
import { step } from "./step";
import { toolchain } from "./toolchain";

/** `npm run bypass` as an operator runs it, with the real OpenClaw. The tests build on each other. */

const MINUTE = 60_000;
const ANTHROPIC = "anthropic/claude-sonnet-4-6";

let tools: Toolchain;
let environment: LocalEnvironment;
let vps: LocalVps;
let filesBefore: FileSnapshot;
/** Output of every command of this file, searched for secrets at the end. */
let printed = "";

beforeAll(async () => {
  tools = await toolchain();
  environment = await createLocalEnvironment({ toolchain: tools, stack: "bypass" });
  const [first] = environment.vps;
  if (!first) throw new Error("no VPS");
  vps = first;
  await vps.start();
  filesBefore = await vps.snapshot();
}, 40 * MINUTE);

afterAll(async () => {
  await environment?.close();
  await tools?.close();
}, 5 * MINUTE);

async function noted(call: Promise<Finished>): Promise<Finished> {
  const finished = await call;
  printed += finished.stdout + finished.stderr;
  return finished;
}

const pulumi = (verb: string) => noted(environment.stack.pulumi([verb, "--yes", "--skip-preview"]));

/** Without `--host`: there is only one. */
function bypass(...flags: string[]): Promise<Finished> {
  const { stack } = environment;
  return noted(operatorCommand("bypass", stack, "--config-file", stack.configFile, ...flags));
}

/** One message; how many requests the gateway saw of it. */
async function message(): Promise<number> {
  const logged = environment.cloudflare.gatewayLog().length;
  const reply = await vps.ask("Are you there?", ANTHROPIC);
  expect(reply).toMatchObject({ ok: true, text: expect.stringContaining(ANTHROPIC) });
  return environment.cloudflare.gatewayLog().length - logged;
}

async function servingNow(): Promise<unknown> {
  const { stdout } = await operatorCommand("status", environment.stack, "--json");
  return (JSON.parse(stdout) as { hosts: { serving: string }[] }).hosts[0]?.serving;
}

step("up: a message goes through the gateway", async () => {
  succeeded(await pulumi("up"));
  expect(await message()).toBe(1);
});

step(
  "bypass: every file is the operator's own again, and a message goes to the provider itself",
  async () => {
    succeeded(await bypass());
    const ownFiles = await vps.snapshot();
    expect(
      diffSnapshots(filesBefore, ownFiles).filter((line) => !line.includes(".openclaw-ai-gateway")),
    ).toEqual([]);
    expect(await message()).toBe(0);
    expect(await servingNow()).toBe("bypass");
  },
);

step("an up without a change keeps the bypass, one with a change is refused there", async () => {
  const { stack } = environment;
  succeeded(await pulumi("up"));
  expect(await servingNow()).toBe("bypass");
  stack.configure({ "openclaw-ai-gateway:openclaw": { primaryModel: "openai/gpt-5.4" } });
  const refused = await pulumi("up");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain("npm run bypass -- --stack bypass --host vps1 --end");
  stack.configure({ "openclaw-ai-gateway:openclaw": undefined });
  expect(await message()).toBe(0);
});

step("--end: a message goes through the gateway, and the next up finds nothing to do", async () => {
  succeeded(await bypass("--end"));
  expect(await message()).toBe(1);
  expect(await servingNow()).toBe("gateway");
  expect(await vps.findSecrets(Object.values(environment.providerKeys))).toEqual([]);
  succeeded(await pulumi("up"));
  expect(await servingNow()).toBe("gateway");
});

step("own keys that were revoked: bypass says so; with the stack's keys it answers", async () => {
  const { stack, providerKeys } = environment;
  const oldKey = providerKeys.anthropic;
  const newKey = `sk-ant-api03-${"n".repeat(80)}AA`;
  // The provider looks its keys up here.
  Object.assign(providerKeys, { anthropic: newKey });
  await stack.setSecret('openclaw-ai-gateway:providers["anthropic"].apiKey', newKey);
  succeeded(await pulumi("up"));

  const refused = await bypass();
  expect(refused.exitCode).toBe(1);
  expect(refused.stdout).toContain("error own_key_refused");
  expect(refused.stdout + refused.stderr).not.toContain(oldKey);

  succeeded(await bypass("--keys", "stack"));
  expect(await message()).toBe(0);
  expect(printed).not.toContain(newKey);
});

step("destroy while bypassed leaves the host on its own files, and nothing at Cloudflare", async () => {
  const own = await vps.snapshot();
  succeeded(await pulumi("destroy"));
  const changed = diffSnapshots(own, await vps.snapshot());
  expect(changed.filter((line) => !line.includes(".openclaw-ai-gateway"))).toEqual([]);
  expect(diffSnapshots(filesBefore, await vps.snapshot())).toEqual([expect.stringContaining(".env")]);
  expect(isEmpty(environment.cloudflare.objects())).toBe(true);
  expect(await message()).toBe(0);
});

step("no secret was printed", async () => {
  for (const secret of [...Object.values(environment.providerKeys), environment.cloudflare.apiToken])
    expect(printed).not.toContain(secret);
});
