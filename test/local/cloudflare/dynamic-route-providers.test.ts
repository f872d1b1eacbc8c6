import {
  createGateway,
  createToken,
  KEYS,
  oneModel,
  SETTINGS,
  sdk,
  storeKey,
  useLocalCloudflare,
} from "./support";

// Routes over several providers with stored keys, and their limits by count and by cost.

let time = Date.now();
const cloudflare = useLocalCloudflare({
  clock: () => time,
  costOf: (provider) => (provider === "anthropic" ? 1 : 0),
});
const account = () => ({ account_id: cloudflare().accountId });
const routes = () => sdk(cloudflare()).aiGateway.dynamicRouting;
type Elements = ReturnType<typeof oneModel>;
let run = "";

beforeAll(async () => {
  run = (await createToken(cloudflare(), "AI Gateway Run")).value;
});

const to = (elementId: string) => ({ elementId });
const start = (next: string) => ({ id: "start", type: "start", outputs: { next: to(next) } });
const end = { id: "end", type: "end", outputs: {} };
const model = (id: string, provider: string, name: string, fallback = "end") => ({
  id,
  type: "model",
  properties: { provider, model: name, timeout: 5000, retries: 0 },
  outputs: { success: to("end"), fallback: to(fallback) },
});
const rate = (limitType: string, limit: number) => ({
  id: "rate",
  type: "rate",
  properties: { key: "metadata.host", limit, limitType, window: 60 },
  outputs: { success: to("claude"), fallback: to("gpt") },
});
const CLAUDE = model("claude", "anthropic", "claude-sonnet-4-6", "gpt");
const GPT = model("gpt", "openai", "gpt-5-mini");

/** A gateway with one route, and keys of the providers in it. */
async function gateway(
  id: string,
  elements: unknown[],
  keys: Partial<Record<keyof typeof KEYS, string>> = { anthropic: KEYS.anthropic, openai: KEYS.openai },
) {
  await createGateway(cloudflare(), id, { cache_ttl: 0 });
  for (const [slug, key] of Object.entries(keys)) await storeKey(cloudflare(), id, slug, key);
  return routes().create(id, { ...account(), name: "mix", elements: elements as Elements });
}

async function ask(id: string, host = "vps1", fields: object = {}) {
  const response = await fetch(
    `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/${id}/compat/chat/completions`,
    {
      method: "POST",
      headers: { "cf-aig-authorization": `Bearer ${run}`, "cf-aig-metadata": JSON.stringify({ host }) },
      body: JSON.stringify({
        model: "dynamic/mix",
        messages: [{ role: "user", content: "ping" }],
        ...fields,
      }),
    },
  );
  const of = (name: string) => response.headers.get(`cf-aig-${name}`);
  return {
    provider: of("provider"),
    model: of("model"),
    step: of("step"),
    logId: of("log-id"),
    text: await response.text(),
  };
}

// The providers behind /compat that are served here and have chat completions.
test.each([
  ["anthropic", "claude-sonnet-4-6"],
  ["cerebras", "gpt-oss-120b"],
  ["cohere", "command-a-plus-05-2026"],
  ["deepseek", "deepseek-flash"],
  ["google-ai-studio", "gemini-3-flash"],
  ["grok", "grok-4.3"],
  ["groq", "openai/gpt-oss-120b"],
  ["mistral", "mistral-large-latest"],
  ["openai", "gpt-5-mini"],
] as const)("%s answers in OpenAI's format, whole and streamed", async (provider, name) => {
  const id = `one-${provider}`;
  await gateway(id, oneModel(name, provider), { [provider]: KEYS[provider] });
  const whole = await ask(id);
  expect(JSON.parse(whole.text)).toMatchObject({
    object: "chat.completion",
    choices: [{ message: { content: `pong from ${provider}/${name}: ping` } }],
  });
  expect((await ask(id, "vps1", { stream: true })).text).toMatch(
    /chat\.completion\.chunk[\s\S]*data: \[DONE\]/,
  );
  expect(cloudflare().providerRequests().at(-1)).toMatchObject({ slug: provider, key: "ok" });
});

test("a provider that refuses its key hands over to the next, under the step's own names", async () => {
  await gateway("revoked", [start("claude"), CLAUDE, GPT, end], {
    anthropic: "sk-ant-revoked-0000000000000000",
    openai: KEYS.openai,
  });
  const answer = await ask("revoked");
  expect(answer).toMatchObject({ provider: "openai", model: "gpt-5-mini", step: "1" });
  const logged = cloudflare().gatewayLog().at(-1);
  expect(logged).toMatchObject({ logId: answer.logId, provider: "openai", step: 1, keySource: "stored" });
});

test("a limit by count is each host's own, and ends with its window", async () => {
  await gateway("counted", [start("rate"), rate("count", 2), CLAUDE, GPT, end]);
  const served = async (host: string) => (await ask("counted", host)).provider;
  const first = [await served("a"), await served("a"), await served("a"), await served("b")];
  expect(first).toEqual(["anthropic", "anthropic", "openai", "anthropic"]);
  time += 60_001;
  expect(await served("a")).toBe("anthropic");
});

test("a limit by cost counts what was served, and not what was cheap", async () => {
  await gateway("budget", [start("rate"), rate("cost", 2), CLAUDE, GPT, end]);
  const served = async () => (await ask("budget")).provider;
  expect([await served(), await served(), await served(), await served()]).toEqual([
    "anthropic",
    "anthropic",
    "openai",
    "openai",
  ]);
  time += 60_001;
  expect(await served()).toBe("anthropic");
});

test("a draft serves nothing until it is deployed", async () => {
  const { id } = await gateway("draft", oneModel("gpt-5-mini", "openai"));
  const at = { ...account(), gateway_id: "draft" };
  const made: unknown = await routes().createVersion(id, {
    ...at,
    elements: oneModel("claude-sonnet-4-6", "anthropic"),
  });
  expect((await ask("draft")).provider).toBe("openai");
  await routes().createDeployment(id, { ...at, version_id: (made as { version_id: string }).version_id });
  expect((await ask("draft")).provider).toBe("anthropic");
});

test("a renamed route is served under its new name alone", async () => {
  const { id } = await gateway("renamed", oneModel("gpt-5-mini", "openai"));
  await routes().update(id, { ...account(), gateway_id: "renamed", name: "other" });
  expect((await ask("renamed", "vps1", { model: "dynamic/other" })).provider).toBe("openai");
  expect(JSON.parse((await ask("renamed")).text)).toMatchObject({ internalCode: 2005 });
});

test("an answer of a route is cached with the names of who served it", async () => {
  await gateway("cached", oneModel("gpt-5-mini", "openai"));
  const settings = cloudflare()
    .objects()
    .gateways.find(({ id }) => id === "cached")?.settings;
  await sdk(cloudflare()).aiGateway.update("cached", {
    ...account(),
    ...SETTINGS,
    ...settings,
    cache_ttl: 60,
  });
  const first = await ask("cached");
  const asked = cloudflare().providerRequests().length;
  expect(await ask("cached")).toMatchObject({ provider: "openai", model: "gpt-5-mini", text: first.text });
  expect(cloudflare().providerRequests()).toHaveLength(asked);
  time += 60_001;
  await ask("cached");
  expect(cloudflare().providerRequests()).toHaveLength(asked + 1);
});
