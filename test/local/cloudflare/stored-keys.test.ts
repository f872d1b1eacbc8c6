import { createGateway, createToken, KEYS, oneModel, sdk, storeKey, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });
const CHAT = { model: "gpt-5-mini", messages: [{ role: "user", content: "ping" }] };
const MESSAGE = { model: "claude-sonnet-4-6", max_tokens: 10, messages: CHAT.messages };
let run = "";

beforeAll(async () => {
  run = (await createToken(cloudflare(), "AI Gateway Run")).value;
});

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  target = cloudflare(),
) {
  const response = await fetch(`${target.gatewayUrl}/v1/${target.accountId}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "cf-aig-authorization": `Bearer ${run}`, ...headers },
    body: JSON.stringify(body),
  });
  const { error } = (await response.json()) as { error?: { code: number; message: string }[] };
  return { status: response.status, code: error?.[0]?.code, message: error?.[0]?.message };
}

test.each([
  ["openai", "openai/chat/completions", CHAT],
  ["anthropic", "anthropic/v1/messages", MESSAGE],
  ["google-ai-studio", "google-ai-studio/v1beta/models/gemini-3-flash:generateContent", { contents: [] }],
] as const)("%s is called with the stored key when the caller sends none", async (slug, path, body) => {
  const gateway = `native-${slug}`;
  await createGateway(cloudflare(), gateway);
  await post(`${gateway}/${path}`, body);
  expect(cloudflare().providerRequests().at(-1)).toMatchObject({ slug, key: "none" });

  await storeKey(cloudflare(), gateway, slug, KEYS[slug]);
  await post(`${gateway}/${path}`, body);
  expect(cloudflare().providerRequests().at(-1)).toMatchObject({ slug, key: "ok" });
  expect(cloudflare().gatewayLog().at(-1)).toMatchObject({ keySource: "stored" });
});

test("a key that the caller sends is used, unless an alias is named", async () => {
  const id = await createGateway(cloudflare(), "choice");
  await storeKey(cloudflare(), id, "openai", KEYS.openai, "batch");
  const own = { authorization: "Bearer of-the-caller" };
  expect(await post(`${id}/openai/chat/completions`, CHAT, own)).toMatchObject({ status: 401 });
  const named = { ...own, "cf-aig-byok-alias": "batch" };
  expect(await post(`${id}/openai/chat/completions`, CHAT, named)).toMatchObject({ status: 200 });
});

test("an alias that is not there is 400/2040 and names those that are", async () => {
  const id = await createGateway(cloudflare(), "aliases");
  await storeKey(cloudflare(), id, "openai", KEYS.openai, "batch");
  const before = cloudflare().providerRequests().length;
  const answer = await post(`${id}/openai/chat/completions`, CHAT, { "cf-aig-byok-alias": "typo" });
  expect(answer).toMatchObject({ status: 400, code: 2040, message: expect.stringContaining("batch") });
  expect(cloudflare().providerRequests()).toHaveLength(before);
});

test("a rotated secret counts from the next request on, and a deleted one no more", async () => {
  const id = await createGateway(cloudflare(), "rotated");
  const secret = await storeKey(cloudflare(), id, "openai", "sk-old-key-that-is-not-accepted");
  const { secrets } = sdk(cloudflare()).secretsStore.stores;
  const at = { ...account(), store_id: secret.storeId };
  expect(await post(`${id}/openai/chat/completions`, CHAT)).toMatchObject({ status: 401 });
  await secrets.edit(secret.id, { ...at, value: KEYS.openai });
  expect(await post(`${id}/openai/chat/completions`, CHAT)).toMatchObject({ status: 200 });
  await secrets.delete(secret.id, at);
  await post(`${id}/openai/chat/completions`, CHAT);
  expect(cloudflare().providerRequests().at(-1)).toMatchObject({ key: "none" });
});

test("stored keys are not for a gateway that anybody may call", async () => {
  const id = await createGateway(cloudflare(), "open", { authentication: false });
  await storeKey(cloudflare(), id, "openai", KEYS.openai);
  await post(`${id}/openai/chat/completions`, CHAT, { "cf-aig-authorization": "" });
  expect(cloudflare().providerRequests().at(-1)).toMatchObject({ key: "none" });
});

test("a key has its own rate limit", async () => {
  const id = await createGateway(cloudflare(), "keyrate");
  await storeKey(cloudflare(), id, "openai", KEYS.openai, "default", {
    rate_limit: 1,
    rate_limit_period: 3600,
  });
  const statuses = [];
  for (let call = 0; call < 2; call++) statuses.push(await post(`${id}/openai/chat/completions`, CHAT));
  expect(statuses).toMatchObject([{ status: 200 }, { status: 429, code: 2003 }]);
});

describe("a model of a dynamic route", () => {
  const ask = (gateway: string, headers = {}) =>
    post(`${gateway}/compat/chat/completions`, { ...CHAT, model: "dynamic/support" }, headers);
  const route = (gateway: string) =>
    sdk(cloudflare()).aiGateway.dynamicRouting.create(gateway, {
      ...account(),
      name: "support",
      elements: oneModel("gpt-5-mini", "openai"),
    });

  test("is called with the stored key", async () => {
    const id = await createGateway(cloudflare(), "routed");
    await route(id);
    await storeKey(cloudflare(), id, "openai", KEYS.openai);
    expect(await ask(id)).toMatchObject({ status: 200 });
    expect(cloudflare().gatewayLog().at(-1)).toMatchObject({ dynamicRoute: "support", keySource: "stored" });
  });

  test("is refused with 2040 when there is none", async () => {
    const id = await createGateway(cloudflare(), "keyless");
    await route(id);
    expect(await ask(id)).toMatchObject({ status: 400, code: 2040 });
  });
});

describe("Unified Billing", () => {
  const sold = useLocalCloudflare({ unifiedBilling: true });
  const call = async (id: string, headers: Record<string, string> = {}, path = "openai/chat/completions") => {
    const { value } = await createToken(sold(), "AI Gateway Run");
    return post(`${id}/${path}`, CHAT, { "cf-aig-authorization": `Bearer ${value}`, ...headers }, sold());
  };

  test("serves a provider for which there is no key, and only those that Cloudflare sells", async () => {
    const id = await createGateway(sold(), "sold");
    expect(await call(id)).toMatchObject({ status: 200 });
    expect(sold().gatewayLog().at(-1)).toMatchObject({ keySource: "unified-billing" });
    expect(await call(id, {}, "openrouter/v1/chat/completions")).toMatchObject({ status: 401 });
  });

  test("is held back by cf-aig-no-wholesale and by byok_only", async () => {
    const id = await createGateway(sold(), "byok", { byok_only: true });
    expect(await call(id)).toMatchObject({ status: 400, code: 2040 });
    await createGateway(sold(), "wholesale");
    expect(await call("wholesale", { "cf-aig-no-wholesale": "true" })).toMatchObject({ status: 401 });
  });
});
