import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, run } from "../../scripts/lib/run";
import { isEmpty } from "../../scripts/local/cloudflare";
import { createLocalEnvironment, type LocalEnvironment } from "../../scripts/local/environment";
import { diffSnapshots, type FileSnapshot, type LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { decrypted, newIdentity } from "./age";
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

const pulumi = (...args: string[]) => noted(environment.stack.pulumi(args));
const up = () => pulumi("up", "--yes", "--skip-preview");
const command = (name: string, ...flags: string[]) =>
  noted(operatorCommand(name, environment.stack, ...flags));
/** Without `--host`: there is only one. */
const bypass = (...flags: string[]) =>
  command("bypass", "--config-file", environment.stack.configFile, ...flags);

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
  succeeded(await up());
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
  succeeded(await up());
  expect(await servingNow()).toBe("bypass");
  stack.configure({ "openclaw-ai-gateway:openclaw": { primaryModel: "openai/gpt-5.4" } });
  const refused = await up();
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
  succeeded(await up());
  expect(await servingNow()).toBe("gateway");
});

step("own keys that were revoked: bypass says so; with the stack's keys it answers", async () => {
  const { stack, providerKeys } = environment;
  const oldKey = providerKeys.anthropic;
  const newKey = `sk-ant-api03-${"n".repeat(80)}AA`;
  // The provider looks its keys up here.
  Object.assign(providerKeys, { anthropic: newKey });
  await stack.setSecret('openclaw-ai-gateway:providers["anthropic"].apiKey', newKey);
  succeeded(await up());

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
  succeeded(await pulumi("destroy", "--yes", "--skip-preview"));
  const changed = diffSnapshots(own, await vps.snapshot());
  expect(changed.filter((line) => !line.includes(".openclaw-ai-gateway"))).toEqual([]);
  expect(diffSnapshots(filesBefore, await vps.snapshot())).toEqual([expect.stringContaining(".env")]);
  expect(isEmpty(environment.cloudflare.objects())).toBe(true);
  expect(await message()).toBe(0);
});

step("import-keys takes the one key that the stack does not have, and shows none", async () => {
  const { stack, providerKeys } = environment;
  succeeded(await pulumi("config", "rm", "--path", 'openclaw-ai-gateway:providers["openai"]'));

  const imported = await command("import-keys", "--config-file", stack.configFile);

  succeeded(imported);
  const taken = imported.stdout.split("\n").filter((line) => line.includes(": set to "));
  expect(taken).toEqual([
    `openai: set to …${providerKeys.openai?.slice(-4)} from vps1, .env (OPENAI_API_KEY)`,
  ]);
  expect(imported.stdout).toContain("anthropic: left as it is (the stack has this very key)");
  const config = await stack.pulumi(["config", "--json", "--show-secrets"]);
  expect(config.stdout).toContain(providerKeys.openai);
});

step("with the recovery kit, ssh and a shell the host gets its own files back", async () => {
  const own = await vps.snapshot();
  const upAgain = await up();
  succeeded(upAgain);
  expect(upAgain.stdout).toContain("npm run recovery-kit -- --stack bypass");
  expect(await message()).toBe(1);
  const { identity, recipient } = await newIdentity();
  const file = join(environment.stack.directory, "kit.age");
  succeeded(await command("recovery-kit", "--recipient", recipient, "--out", file));
  const kit = await decrypted(file, identity);
  const key = join(environment.stack.directory, "ssh-key");
  writeFileSync(key, vps.privateKey, { mode: 0o600 });

  succeeded(await noted(run("sh", ["-s", "restore", "vps1", "-i", key], { input: kit })));

  expect(diffSnapshots(own, await vps.snapshot())).toEqual([]);
  expect(await message()).toBe(0);
  succeeded(await pulumi("destroy", "--yes", "--skip-preview"));
  expect(isEmpty(environment.cloudflare.objects())).toBe(true);
});

step("no secret was printed", async () => {
  for (const secret of [...Object.values(environment.providerKeys), environment.cloudflare.apiToken])
    expect(printed).not.toContain(secret);
});
