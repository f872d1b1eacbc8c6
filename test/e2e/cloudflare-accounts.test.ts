import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isEmpty, type LocalCloudflare, startLocalCloudflare } from "../../scripts/local/cloudflare";
import type { Toolchain } from "../../scripts/setup";
import { CloudflareStack, OPENAI_KEY, runTokenOf } from "./cloudflare-stack";
import { toolchain } from "./toolchain";
import { Traffic } from "./traffic";

/** Accounts of several kinds: one that several stacks share, and one that gives the deploying token little. */

const MINUTE = 60_000;
const providerKeys = { openai: OPENAI_KEY };

let tools: Toolchain;
let directory: string;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  tools = await toolchain();
  directory = mkdtempSync(join(tmpdir(), "openclaw-accounts-"));
}, 40 * MINUTE);

afterAll(async () => {
  for (const { close } of opened.reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
  await tools?.close();
}, MINUTE);

async function account(options: Partial<Parameters<typeof startLocalCloudflare>[0]> = {}) {
  const cloudflare = await startLocalCloudflare({ providerKeys, ...options });
  opened.push(cloudflare);
  return cloudflare;
}

async function stackIn(cloudflare: LocalCloudflare, name: string, values: Record<string, unknown> = {}) {
  const stack = await CloudflareStack.create(tools, cloudflare, name, values);
  opened.push({ close: async () => stack.dispose() });
  return stack;
}

test(
  "dev, staging and prod live side by side in one account",
  async () => {
    const cloudflare = await account();
    const names = ["dev", "prod", "staging"];
    const stacks = await Promise.all(names.map((name) => stackIn(cloudflare, name)));
    await Promise.all(stacks.map((stack) => stack.did(stack.up())));

    const own = names.map((name) => `openclaw-${name}`);
    const objects = () => {
      const { gateways, scripts, tokens } = cloudflare.objects();
      return [gateways.map(({ id }) => id), scripts.map(({ name }) => name), tokens.map(({ name }) => name)];
    };
    expect(objects().map((list) => list.sort())).toEqual([own, own, own]);
    expect(await Promise.all(stacks.map((stack) => new Traffic(stack).once()))).toEqual([200, 200, 200]);

    const [dev, ...others] = stacks;
    await dev?.did(dev.destroy());
    expect(objects().map((list) => list.sort())).toEqual(Array(3).fill(own.slice(1)));
    for (const stack of others) {
      await stack.settled();
      expect(await new Traffic(stack).once()).toBe(200);
    }
  },
  10 * MINUTE,
);

test(
  "an account with nothing yet, and a token that may not write tokens",
  async () => {
    const stateFile = join(directory, "account.json");
    const before = await startLocalCloudflare({ providerKeys, stateFile, workersSubdomain: null });
    const value = await runTokenOf(before);
    await before.close();
    const permissions = ["AI Gateway Write", "Workers Scripts Write"];
    const cloudflare = await account({ stateFile, workersSubdomain: null, permissions });
    const stack = await stackIn(cloudflare, "bare");

    const refused = await stack.failed(stack.preview());
    expect(refused).toMatch(
      /lacks permissions on account .*\n.*- Account API Tokens Write \(for the run token/,
    );

    await stack.stack.setSecret("openclaw-ai-gateway:runToken.value", value);
    expect(await stack.did(stack.preview())).toMatch(
      /AI Gateway Write, Workers Scripts Write cannot be proven/,
    );

    stack.stack.configure({ "openclaw-ai-gateway:worker": {} });
    expect(await stack.failed(stack.preview())).toMatch(
      /has no workers\.dev subdomain.*worker\.createSubdomain/,
    );
    expect(cloudflare.objects()).toMatchObject({ gateways: [], scripts: [], workersSubdomain: null });

    // The subdomain is made, and stays.
    stack.configure({ worker: { createSubdomain: "acme" } });
    await stack.did(stack.up());
    expect(cloudflare.objects()).toMatchObject({
      tokens: [{ name: "made by hand" }],
      workersSubdomain: "acme",
      scripts: [{ subdomain: { enabled: true, previewsEnabled: false } }],
    });
    expect(await new Traffic(stack).once()).toBe(200);
    await stack.settled();

    // A domain takes its place.
    const url = cloudflare.domainUrl("ai.example.com");
    stack.configure({ worker: { domain: "ai.example.com", zoneName: "example.com", url } });
    await stack.did(stack.up());
    expect(await stack.stack.outputs()).toMatchObject({ workerUrl: url });
    expect(cloudflare.objects().scripts).toMatchObject([{ subdomain: { enabled: false } }]);
    expect(await new Traffic(stack).once()).toBe(200);
    await stack.settled();

    // A key that its provider refuses ends the run.
    await stack.stack.setSecret(
      "openclaw-ai-gateway:providers.openai.apiKey",
      `sk-proj-${"bad0".repeat(12)}`,
    );
    expect(await stack.failed(stack.up())).toMatch(
      /OpenAI does not accept the key in providers\.openai\.apiKey/,
    );

    const printedAndKept = stack.printed + (await stack.stack.exportState());
    for (const secret of [value, OPENAI_KEY, "bad0bad0"]) expect(printedAndKept).not.toContain(secret);

    await stack.did(stack.destroy());
    expect(cloudflare.objects()).toMatchObject({
      tokens: [{ name: "made by hand" }],
      workersSubdomain: "acme",
    });
    expect(isEmpty({ ...cloudflare.objects(), tokens: [] })).toBe(true);
  },
  10 * MINUTE,
);
