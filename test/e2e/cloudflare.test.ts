import Cloudflare from "cloudflare";
import { isEmpty, type LocalCloudflare, startLocalCloudflare } from "../../scripts/local/cloudflare";
import type { Toolchain } from "../../scripts/setup";
import { CloudflareStack, OPENAI_KEY, runTokenOf } from "./cloudflare-stack";
import { step } from "./step";
import { toolchain } from "./toolchain";
import { Traffic } from "./traffic";

/**
 * The Cloudflare side of one stack with the real engine and provider: gateway, run token, and who owns what. The tests
 * build on each other, in order.
 */

const MINUTE = 60_000;
const OTEL_SECRET = "otel-credential-0123456789abcdef";

let tools: Toolchain;
let cloudflare: LocalCloudflare;
let stack: CloudflareStack;

beforeAll(async () => {
  tools = await toolchain();
  // A token that is not known everywhere at once, and answers that take a while: as it is on a real account.
  cloudflare = await startLocalCloudflare({
    providerKeys: { openai: OPENAI_KEY },
    propagation: { tokenSeconds: 1 },
    streamPace: () => new Promise((resolve) => setTimeout(resolve, 150)),
  });
  stack = await CloudflareStack.create(tools, cloudflare, "cf", { runToken: { drainSeconds: 2 } });
}, 40 * MINUTE);

afterAll(async () => {
  stack?.dispose();
  await cloudflare?.close();
  await tools?.close();
}, MINUTE);

const gateways = () => cloudflare.objects().gateways;
const ids = () => gateways().map(({ id }) => id);
const settings = (id = "openclaw-cf") => gateways().find((gateway) => gateway.id === id)?.settings;
const tokens = () => cloudflare.objects().tokens;
/** Somebody else, by the API. */
const client = () =>
  new Cloudflare({ apiToken: cloudflare.apiToken, baseURL: cloudflare.apiUrl, maxRetries: 0 });

step("a preview says what will become of prompts and answers, and makes nothing", async () => {
  const text = await stack.did(stack.preview());
  expect(text).toContain("Prompts and answers are stored, until 100,000 newer ones push them out; cache off");
  expect(isEmpty(cloudflare.objects())).toBe(true);
});

step("up makes everything once the gateway has accepted the token; then there is nothing to do", async () => {
  await stack.did(stack.up());
  expect(ids()).toEqual(["openclaw-cf"]);
  expect(settings()).toMatchObject({ authentication: true, collect_logs: true, cache_ttl: 0, otel: [] });
  expect(await new Traffic(stack).once()).toBe(200);
  await stack.settled();
});

step("every kind of setting is changed in place, and is off again when it is taken away", async () => {
  const before = tokens().map(({ id }) => id);
  stack.configure({
    gateway: {
      collectLogs: false,
      cacheTtl: 60,
      rateLimit: { limit: 1000, interval: 60 },
      retries: { maxAttempts: 2, delay: 10 },
      guardrails: { prompt: { s1: "BLOCK" } },
      dlp: { action: "FLAG", profiles: ["profile"] },
      spendLimits: { rules: [{ id: "month", limit: 50, window: 2_592_000 }] },
      otels: [{ url: "https://otel.example.com/v1/traces", authorization: OTEL_SECRET }],
    },
  });
  expect(await stack.did(stack.up())).not.toMatch(/replac|delet/);
  expect(settings()).toMatchObject({
    collect_logs: false,
    cache_ttl: 60,
    rate_limiting_limit: 1000,
    retry_max_attempts: 2,
    guardrails: { prompt: { S1: "BLOCK" } },
    dlp: { action: "FLAG" },
    spend_limits: { enabled: true, rules: [{ id: "month", limit: 50, limitType: "cost" }] },
    otel: [{ authorization: OTEL_SECRET }],
  });
  await stack.did(stack.refresh("--expect-no-changes"));
  expect(await stack.stack.exportState()).not.toContain(OTEL_SECRET);

  stack.configure({ gateway: {} });
  expect(await stack.did(stack.up())).not.toMatch(/replac|delet/);
  expect(settings()).toMatchObject({
    collect_logs: true,
    cache_ttl: 0,
    retry_max_attempts: null,
    guardrails: null,
    dlp: null,
    spend_limits: { enabled: false, rules: [] },
    otel: [],
  });
  expect(tokens().map(({ id }) => id)).toEqual(before);
  await stack.did(stack.refresh("--expect-no-changes"));
});

step("an expiry is set on the token that there is, and warned of when it is near", async () => {
  const [before] = tokens();
  const expiresOn = new Date(Date.now() + 10.5 * 24 * 60 * MINUTE).toISOString().replace(/\.\d+Z/, "Z");
  stack.configure({ runToken: { drainSeconds: 2, expiresOn } });
  expect(await stack.did(stack.up())).toMatch(/warning: The run token expires in 10 days/);
  expect(tokens()).toEqual([expect.objectContaining({ id: before?.id, expiresOn })]);
});

step("rotation makes another token, and no request that is in flight fails", async () => {
  const [before] = tokens();
  stack.configure({ runToken: { drainSeconds: 2, rotation: "second" } });
  const traffic = new Traffic(stack);
  await traffic.start();
  const text = await stack.did(stack.up());
  const statuses = await traffic.stop();

  expect(tokens()).toEqual([expect.objectContaining({ name: "openclaw-cf second" })]);
  expect(tokens()[0]?.id).not.toBe(before?.id);
  const order = [
    "run-token-trial updated",
    "worker-script updated",
    "run-token-drain updated",
    "run-token deleted",
  ];
  const positions = order.map((line) => text.indexOf(line));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions[0]).toBeGreaterThan(0);
  expect(statuses.length).toBeGreaterThan(10);
  expect(new Set(statuses)).toEqual(new Set([200]));
  await stack.settled();
});

step("a token of the operator's own takes over as a rotation does, and gives back", async () => {
  const value = await runTokenOf(cloudflare);
  const made = () => tokens().filter(({ name }) => name !== "made by hand");
  // Without the label: what the operator supplies is the operator's to rotate.
  stack.configure({ runToken: { drainSeconds: 2 } });
  await stack.stack.setSecret("openclaw-ai-gateway:runToken.value", value);
  const traffic = new Traffic(stack);
  await traffic.start();
  await stack.did(stack.up());
  expect(made()).toEqual([]);
  stack.configure({ runToken: { drainSeconds: 2 } });
  await stack.did(stack.up());
  expect(new Set(await traffic.stop())).toEqual(new Set([200]));
  expect(made()).toHaveLength(1);
  const id = tokens().find(({ name }) => name === "made by hand")?.id ?? "";
  await client().accounts.tokens.delete(id, { account_id: cloudflare.accountId });
  await stack.settled();
});

step("another id is another gateway: preview warns, up replaces", async () => {
  stack.configure({ gateway: { id: "renamed" } });
  expect(await stack.did(stack.preview())).toMatch(
    /warning: gateway\.id changes from 'openclaw-cf' to 'renamed'.*deleted with its logs/,
  );
  expect(ids()).toEqual(["openclaw-cf"]);
  await stack.did(stack.up());
  expect(ids()).toEqual(["renamed"]);
  expect(await new Traffic(stack).once()).toBe(200);
  expect(await stack.settled()).not.toContain("gateway.id changes");
});

step("a protected gateway stops destroy; a retained one outlives it", async () => {
  stack.configure({ gateway: { id: "renamed", protect: true, retainOnDelete: true } });
  await stack.did(stack.up());
  const before = cloudflare.objects();
  expect(await stack.failed(stack.pulumi("destroy", "--yes"))).toContain("protected");
  expect(cloudflare.objects()).toEqual(before);
  // Without a preview the engine finds out last. What is left still is the stack's.
  expect(await stack.failed(stack.destroy())).toContain("protected");
  expect(ids()).toEqual(["renamed"]);

  stack.configure({ gateway: { id: "renamed", retainOnDelete: true } });
  await stack.did(stack.up());
  await stack.did(stack.destroy());
  expect(cloudflare.objects()).toMatchObject({ routes: [], tokens: [], scripts: [] });
  expect(ids()).toEqual(["renamed"]);
});

step("a gateway that the stack does not own is refused at preview, before anything is made", async () => {
  stack.configure({ gateway: { id: "renamed" } });
  for (const run of [stack.preview(), stack.up()]) {
    expect(await stack.failed(run)).toMatch(
      /already has a gateway 'renamed' that this stack did not make.*pulumi config set --path gateway\.adopt true/s,
    );
  }
  expect(cloudflare.objects()).toMatchObject({ routes: [], tokens: [], scripts: [] });
});

step("adopting gives it this stack's settings, and destroy leaves it", async () => {
  stack.configure({ gateway: { id: "renamed", adopt: true, cacheTtl: 30 } });
  expect(await stack.did(stack.preview())).toMatch(/AiGateway gateway import/);
  await stack.did(stack.up());
  expect(ids()).toEqual(["renamed"]);
  expect(settings("renamed")).toMatchObject({ cache_ttl: 30 });
  await stack.settled();
  // That it was there before is remembered, whatever the configuration says later.
  stack.configure({ gateway: { id: "renamed", cacheTtl: 30 } });
  expect(await stack.settled()).toContain("destroy keeps the gateway and its logs");
  await stack.did(stack.destroy());
  expect(ids()).toEqual(["renamed"]);
});

step("an imported gateway is taken as it is, and kept", async () => {
  const id = `${cloudflare.accountId}/renamed`;
  const type = "cloudflare:index/aiGateway:AiGateway";
  await stack.did(
    stack.pulumi(
      "import",
      type,
      "gateway",
      id,
      "--yes",
      "--skip-preview",
      "--protect=false",
      "--generate-code=false",
    ),
  );
  stack.configure({ gateway: { id: "renamed", adopt: true } });
  expect(await stack.did(stack.up())).not.toMatch(/AiGateway gateway (import|creat|replac|delet)/);
  expect(settings("renamed")).toMatchObject({ cache_ttl: 0 });
  await stack.settled();
});

step("what somebody changed at the gateway shows at refresh, and up puts it right", async () => {
  const [id = ""] = ids();
  await client().aiGateway.update(id, {
    account_id: cloudflare.accountId,
    cache_invalidate_on_update: true,
    cache_ttl: 600,
    collect_logs: false,
    rate_limiting_interval: 0,
    rate_limiting_limit: 0,
  });
  await stack.failed(stack.refresh("--expect-no-changes"));
  await stack.did(stack.up("--refresh"));
  expect(settings(id)).toMatchObject({ cache_ttl: 0, collect_logs: true, authentication: true });
  await stack.settled();
});

step("neither the state nor anything that was printed holds a secret in clear", async () => {
  const state = await stack.stack.exportState();
  const issued = [await stack.hostToken(), await stack.runToken()];
  for (const secret of [OPENAI_KEY, OTEL_SECRET, cloudflare.apiToken, ...issued]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(state).not.toContain(secret);
    expect(stack.printed).not.toContain(secret);
  }
});

step("destroy leaves the adopted gateway alone, and nothing else", async () => {
  await stack.did(stack.destroy());
  expect(cloudflare.objects()).toMatchObject({ routes: [], tokens: [], scripts: [] });
  expect(ids()).toEqual(["renamed"]);
});

step(
  "destroy with --refresh comes to an end when gateway, Worker and token were removed by hand",
  async () => {
    stack.configure({ gateway: { id: "by-hand" } });
    await stack.did(stack.up());
    const account = { account_id: cloudflare.accountId };
    await client().aiGateway.delete("by-hand", account);
    await client().workers.scripts.delete("openclaw-cf", account);
    await client().accounts.tokens.delete(tokens()[0]?.id ?? "", account);
    expect(await stack.failed(stack.destroy())).toContain("404 Not Found");
    await stack.did(stack.destroy("--refresh"));
    expect(cloudflare.objects()).toMatchObject({ routes: [], tokens: [], scripts: [] });
    expect(ids()).not.toContain("by-hand");
  },
);
