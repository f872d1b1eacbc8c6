import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImportReport } from "../../infra/key-import";
import { run } from "../../scripts/lib/run";
import { isEmpty } from "../../scripts/local/cloudflare";
import { diffSnapshots, type FileSnapshot } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { decrypted, newIdentity } from "./age";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * Keys that are taken over and revoked, and a host that is put back by hand, with the real OpenClaw. The tests build on
 * each other.
 */

const MINUTE = 60_000;
const NEW_KEY = `sk-ant-api03-${"n".repeat(80)}AA`;

let tools: Toolchain;
let operator: OperatorSession;
let filesBefore: FileSnapshot;
let oldKey = "";

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "recovery");
  filesBefore = await operator.vps.snapshot();
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

step(
  "import-keys takes the one key that the stack does not have, shows none, and changes nothing",
  async () => {
    const { stack, providerKeys } = operator.environment;
    succeeded(await operator.pulumi("config", "rm", "--path", 'openclaw-ai-gateway:providers["openai"]'));

    const imported = await operator.configured("import-keys");

    succeeded(imported);
    const taken = imported.stdout.split("\n").filter((line) => line.includes(": set to "));
    expect(taken).toEqual([
      `openai: set to …${providerKeys.openai?.slice(-4)} from vps1, .env (OPENAI_API_KEY)`,
    ]);
    expect(imported.stdout).toContain("anthropic: left as it is (the stack has this very key)");
    const config = await stack.pulumi(["config", "--json", "--show-secrets"]);
    expect(config.stdout).toContain(providerKeys.openai);
    expect(diffSnapshots(filesBefore, await operator.vps.snapshot())).toEqual([]);
  },
);

step("once more, for machines: every key is the stack's already", async () => {
  const { stack, providerKeys } = operator.environment;
  const imported = await operator.command("import-keys", "--json", "--config-file", stack.configFile);
  succeeded(imported);
  const { providers, ...rest } = JSON.parse(imported.stdout) as { providers: ImportReport[] };
  expect(rest).toEqual({ stack: "recovery", notes: [] });
  expect(providers.map(({ outcome }) => outcome)).toEqual(providers.map(() => "left"));
  expect(providers).toContainEqual({
    slug: "openai",
    outcome: "left",
    reason: "the stack has this very key",
    found: [{ host: "vps1", place: ".env (OPENAI_API_KEY)", key: `…${providerKeys.openai?.slice(-4)}` }],
  });
});

step("up with a new key, and the old one is revoked at the provider", async () => {
  const { stack, providerKeys } = operator.environment;
  oldKey = providerKeys.anthropic ?? "";
  // The provider looks its keys up here.
  Object.assign(providerKeys, { anthropic: NEW_KEY });
  await stack.setSecret('openclaw-ai-gateway:providers["anthropic"].apiKey', NEW_KEY);
  succeeded(await operator.up());
  expect(await operator.message()).toBe("through the gateway");
});

step("bypass says that the host's own key is refused", async () => {
  const refused = await operator.bypass("--json");
  expect(refused.exitCode).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    action: "bypass",
    good: false,
    refusals: [{ code: "own_key_refused", fix: expect.stringContaining("--keys stack") }],
  });
  expect(await operator.serving()).toBe("bypass");
});

step("with the stack's keys it answers, and only .env is another", async () => {
  succeeded(await operator.bypass("--keys", "stack"));
  expect(await operator.message()).toBe("to the provider itself");
  const changed = diffSnapshots(filesBefore, await operator.vps.snapshot());
  expect(changed.filter((line) => !line.includes(".openclaw-ai-gateway"))).toEqual([
    expect.stringContaining(".env: content"),
  ]);
});

step(
  "restored by hand, with the recovery kit, ssh and a shell; destroy finds nothing to do there",
  async () => {
    const { stack, cloudflare } = operator.environment;
    const { identity, recipient } = await newIdentity();
    const file = join(stack.directory, "kit.age");
    const made = await operator.command("recovery-kit", "--recipient", recipient, "--out", file, "--json");
    succeeded(made);
    expect(JSON.parse(made.stdout)).toEqual({ stack: "recovery", file, hosts: ["vps1"] });
    const kit = await decrypted(file, identity);
    const key = join(stack.directory, "ssh-key");
    writeFileSync(key, operator.vps.privateKey, { mode: 0o600 });

    const restored = await operator.noted(run("sh", ["-s", "restore", "vps1", "-i", key], { input: kit }));

    succeeded(restored);
    expect(restored.stdout).toContain("restored: recovery/vps1");
    expect(diffSnapshots(filesBefore, await operator.vps.snapshot())).toEqual([
      expect.stringContaining(".env: content"),
    ]);
    expect(await operator.message()).toBe("to the provider itself");
    succeeded(await operator.destroy());
    expect(isEmpty(cloudflare.objects())).toBe(true);
  },
);

step("no secret was printed", async () => {
  const { providerKeys, cloudflare } = operator.environment;
  for (const secret of [...Object.values(providerKeys), oldKey, cloudflare.apiToken])
    expect(operator.printed).not.toContain(secret);
});
