import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCloudflare, startLocalCloudflare } from "../../scripts/local/cloudflare";
import type { Toolchain } from "../../scripts/setup";
import { CloudflareStack, OPENAI_KEY } from "./cloudflare-stack";
import { step } from "./step";
import { toolchain } from "./toolchain";

/** The policy pack with the real engine: what it is given there is what the policies are written for. */

const MINUTE = 60_000;
const pack = join(__dirname, "../../policy");

let tools: Toolchain;
let cloudflare: LocalCloudflare;
let stack: CloudflareStack;
let directory: string;

beforeAll(async () => {
  tools = await toolchain();
  cloudflare = await startLocalCloudflare({ providerKeys: { openai: OPENAI_KEY } });
  stack = await CloudflareStack.create(tools, cloudflare, "prod");
  directory = mkdtempSync(join(tmpdir(), "openclaw-policy-"));
}, 40 * MINUTE);

afterAll(async () => {
  stack?.dispose();
  await cloudflare?.close();
  await tools?.close();
  if (directory) rmSync(directory, { recursive: true, force: true });
}, MINUTE);

const GOOD = {
  gateway: { protect: true, rateLimit: { limit: 600, interval: 60 } },
  runToken: { expiresOn: "2099-01-01T00:00:00Z" },
};

const preview = (...flags: string[]) => stack.pulumi("preview", "--policy-pack", pack, ...flags);

/** Sets levels and settings of policies, as `--policy-pack-config` takes them. */
function configured(config: Record<string, unknown>): string[] {
  const file = join(directory, "config.json");
  writeFileSync(file, JSON.stringify(config));
  return ["--policy-pack-config", file];
}

step("a stack with everything set passes", async () => {
  stack.configure(GOOD);
  expect(reports(await stack.did(preview()))).toEqual([]);
});

step("what is advisory is said, and what is mandatory stops the run", async () => {
  stack.configure({ gateway: {}, runToken: {} });
  const text = await stack.failed(preview());
  expect(reports(text)).toEqual([
    "advisory gateway-limited",
    "advisory run-token-expires",
    "mandatory gateway-kept",
  ]);
  expect(text).toMatch(/pulumi state unprotect 'urn:pulumi:prod::\S+' --stack prod/);
});

step("each level can be set", async () => {
  const levels = {
    "gateway-kept": "advisory",
    "gateway-limited": "mandatory",
    "run-token-expires": "disabled",
  };
  expect(reports(await stack.failed(preview(...configured(levels))))).toEqual([
    "advisory gateway-kept",
    "mandatory gateway-limited",
  ]);
});

step("so can what it is about; a gateway that is retained needs no protection", async () => {
  stack.configure({ gateway: { rateLimit: { limit: 600, interval: 60 } }, runToken: {} });
  const elsewhere = configured({ "gateway-kept": { stacks: ["live"] }, "run-token-expires": "disabled" });
  expect(reports(await stack.did(preview(...elsewhere)))).toEqual([]);

  stack.configure({ gateway: { retainOnDelete: true, rateLimit: { limit: 600, interval: 60 } } });
  expect(reports(await stack.did(preview()))).toEqual(["advisory run-token-expires"]);
});

step("an `up` that keeps to everything goes through, and a bound on logs is one of it", async () => {
  stack.configure(GOOD);
  const strict = configured({ all: "mandatory", "gateway-logs-bounded": { maximum: 20_000 } });
  expect(reports(await stack.failed(stack.up("--policy-pack", pack, ...strict)))).toEqual([
    "mandatory gateway-logs-bounded",
  ]);
  expect(cloudflare.objects().gateways).toEqual([]);

  stack.configure({ gateway: { ...GOOD.gateway, logManagement: 20_000 } });
  expect(reports(await stack.did(stack.up("--policy-pack", pack, ...strict)))).toEqual([]);
});

/** Level and name of what was reported, in order. */
function reports(text: string): string[] {
  const found = [...text.matchAll(/\[(advisory|mandatory)\] +(\S+)/g)];
  return [...new Set(found.map(([, level, name]) => `${level} ${name}`))].sort();
}
