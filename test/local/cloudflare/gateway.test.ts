import { ANSWERS, openaiClient, questions, type Target } from "./provider-calls";
import { createGateway, createToken, KEYS, sdk, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
let run = "";

beforeAll(async () => {
  await createGateway(cloudflare(), "openclaw");
  run = (await createToken(cloudflare(), "AI Gateway Run")).value;
});

const base = (gateway = "openclaw") => `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/${gateway}`;
const target = (headers: Record<string, string> = { "cf-aig-authorization": `Bearer ${run}` }): Target => ({
  anthropic: `${base()}/anthropic`,
  openai: `${base()}/openai`,
  google: `${base()}/google-ai-studio`,
  openrouter: `${base()}/openrouter/v1`,
  headers,
});

/** A plain call, to see status, headers and body as they are. */
async function post(url: string, headers: Record<string, string> = {}, body: unknown = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "cf-aig-authorization": `Bearer ${run}`, ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const openaiChat = { model: "gpt-5-mini", messages: [{ role: "user", content: "ping" }] };
const openaiKey = { authorization: `Bearer ${KEYS.openai}` };

test.each(Object.entries(ANSWERS))("%s passes through", async (name, text) => {
  const answer = await questions(target(), KEYS)[name]?.();
  expect(answer?.text).toBe(text);
  if (name.endsWith("streamed")) expect(answer?.pieces).toBeGreaterThan(1);
});

test.each(["openai/v1/chat/completions", "openrouter/chat/completions"])(
  "%s is served as well",
  async (path) => {
    const key = path.startsWith("openai") ? KEYS.openai : KEYS.openrouter;
    expect((await post(`${base()}/${path}`, { authorization: `Bearer ${key}` }, openaiChat)).status).toBe(
      200,
    );
  },
);

describe("authentication", () => {
  const unauthorized = {
    success: false,
    result: [],
    messages: [],
    error: [{ code: 2009, message: "Unauthorized" }],
    name: "AiGatewayError",
    httpCode: 401,
    internalCode: 2009,
  };
  const other = async (...permissions: string[]) => (await createToken(cloudflare(), ...permissions)).value;

  test.each([
    ["no token", async () => ({ "cf-aig-authorization": "" })],
    ["a wrong token", async () => ({ "cf-aig-authorization": "Bearer wrong" })],
    [
      "a token without AI Gateway Run",
      async () => ({ "cf-aig-authorization": `Bearer ${await other("AI Gateway Read")}` }),
    ],
    [
      "the token in another header",
      async () => ({ "cf-aig-authorization": "", authorization: `Bearer ${run}` }),
    ],
  ])("%s is 401/2009, before any provider is called", async (_what, headers) => {
    const before = cloudflare().providerRequests().length;
    const { status, text } = await post(`${base()}/openai/chat/completions`, await headers(), openaiChat);
    expect(status).toBe(401);
    expect(JSON.parse(text)).toEqual(unauthorized);
    expect(cloudflare().providerRequests()).toHaveLength(before);
  });

  test("an open gateway needs none", async () => {
    await createGateway(cloudflare(), "open", { authentication: false });
    const headers = { "cf-aig-authorization": "", ...openaiKey };
    expect((await post(`${base("open")}/openai/chat/completions`, headers, openaiChat)).status).toBe(200);
  });

  test("a deleted token is refused at once", async () => {
    const { id, value } = await createToken(cloudflare(), "AI Gateway Run");
    const call = () =>
      post(
        `${base()}/openai/chat/completions`,
        { ...openaiKey, "cf-aig-authorization": `Bearer ${value}` },
        openaiChat,
      );
    expect((await call()).status).toBe(200);
    await sdk(cloudflare()).accounts.tokens.delete(id, { account_id: cloudflare().accountId });
    expect((await call()).status).toBe(401);
  });
});

test.each([
  ["an unknown gateway", () => `${base("nope")}/openai/chat/completions`, 400, 2001],
  [
    "an unknown account",
    () => `${base().replace(cloudflare().accountId, "f".repeat(32))}/openai/chat/completions`,
    400,
    2001,
  ],
  ["an unknown provider", () => `${base()}/nope/chat/completions`, 400, 2008],
  ["an empty body on /compat", () => `${base()}/compat/chat/completions`, 400, 2019],
])("%s", async (_what, url, status, code) => {
  const answer = await post(url());
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toMatchObject({ name: "AiGatewayError", internalCode: code });
});

test("a provider's own refusal passes as it is", async () => {
  const { status, text } = await post(
    `${base()}/openai/chat/completions`,
    { authorization: "Bearer bad" },
    openaiChat,
  );
  expect(status).toBe(401);
  expect(JSON.parse(text)).toMatchObject({ error: { code: "invalid_api_key" } });
});

test("nothing meant for Cloudflare reaches the provider", async () => {
  const metadata = {
    "cf-aig-metadata": JSON.stringify({ host: "vps1" }),
    "cf-aig-custom-cost": "1",
    "x-kept": "yes",
  };
  await post(`${base()}/openai/chat/completions`, { ...openaiKey, ...metadata }, openaiChat);
  const { headers = {} } = cloudflare().providerRequests().at(-1) ?? {};
  expect(headers).toMatchObject({ "x-kept": "yes", authorization: "ok" });
  expect(Object.keys(headers).filter((name) => name.startsWith("cf-"))).toEqual([]);
});

test("each request is logged under the id that its answer carries", async () => {
  const metadata = JSON.stringify({ host: "vps1", generation: 2, deep: {}, a: 1, b: 2, c: 3, d: 4 });
  const headers = { ...openaiKey, "cf-aig-metadata": metadata };
  const answer = await post(`${base()}/openai/chat/completions`, headers, openaiChat);
  const logId = answer.headers.get("cf-aig-log-id");
  expect(answer.headers.get("cf-aig-step")).toBe("0");
  expect(cloudflare().gatewayLog().at(-1)).toMatchObject({
    logId,
    provider: "openai",
    model: "gpt-5-mini",
    path: "openai/chat/completions",
    status: 200,
    stream: false,
    metadata: { host: "vps1", generation: 2, a: 1, b: 2, c: 3 },
  });
  const { logs } = sdk(cloudflare()).aiGateway;
  const found = await logs.get(logId ?? "", { account_id: cloudflare().accountId, gateway_id: "openclaw" });
  expect(found).toMatchObject({ id: logId, provider: "openai", success: true, status_code: 200 });
});

test("logs are not stored where the gateway does not collect them", async () => {
  await createGateway(cloudflare(), "quiet", { collect_logs: false });
  await post(`${base("quiet")}/openai/chat/completions`, openaiKey, openaiChat);
  const { result } = await sdk(cloudflare()).aiGateway.logs.list("quiet", {
    account_id: cloudflare().accountId,
  });
  expect(result).toEqual([]);
});

test("a gateway over its limit answers 429/2003", async () => {
  await createGateway(cloudflare(), "limited", { rate_limiting_limit: 2, rate_limiting_interval: 3600 });
  const call = () => post(`${base("limited")}/openai/chat/completions`, openaiKey, openaiChat);
  expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
  const { status, text } = await call();
  expect(status).toBe(429);
  expect(JSON.parse(text)).toMatchObject({ internalCode: 2003 });
});

test("a cached answer is given again without the provider, and not counted", async () => {
  await createGateway(cloudflare(), "caching", {
    cache_ttl: 60,
    rate_limiting_limit: 2,
    rate_limiting_interval: 3600,
  });
  const call = (headers: Record<string, string> = {}) =>
    post(`${base("caching")}/openai/chat/completions`, { ...openaiKey, ...headers }, openaiChat);
  const first = await call();
  const asked = cloudflare().providerRequests().length;
  const again = [await call(), await call(), await call()];
  expect(first.headers.get("cf-aig-cache-status")).toBe("MISS");
  expect(again.map(({ headers }) => headers.get("cf-aig-cache-status"))).toEqual(["HIT", "HIT", "HIT"]);
  expect(again[0]?.text).toBe(first.text);
  expect(cloudflare().providerRequests()).toHaveLength(asked);
  expect((await call({ "cf-aig-skip-cache": "true" })).headers.get("cf-aig-cache-status")).toBe("MISS");
});

describe("/compat with one model", () => {
  const chat = (model: string, key: string) =>
    openaiClient(`${base()}/compat`, key, target()).chat.completions.create({
      model,
      messages: [{ role: "user", content: "ping" }],
    });

  test("uses the caller's own key", async () => {
    const { choices } = await chat("openai/gpt-5-mini", KEYS.openai);
    expect(choices[0]?.message.content).toBe("pong from openai/gpt-5-mini: ping");
  });

  test("serves Workers AI with the gateway's token", async () => {
    const { value } = await createToken(cloudflare(), "AI Gateway Run", "Workers AI Read");
    const body = { ...openaiChat, model: "workers-ai/@cf/moonshotai/kimi-k2.6" };
    const url = `${base()}/compat/chat/completions`;
    const allowed = await post(url, { "cf-aig-authorization": `Bearer ${value}` }, body);
    expect(allowed.status).toBe(200);
    expect(allowed.text).toContain("pong from workers-ai/@cf/moonshotai/kimi-k2.6: ping");
    expect((await post(url, {}, body)).status).toBe(401);
  });

  test("refuses a model without a provider, and a provider without a key", async () => {
    await expect(chat("gpt-5-mini", KEYS.openai)).rejects.toMatchObject({ status: 400 });
    const { text } = await post(
      `${base()}/compat/chat/completions`,
      {},
      { ...openaiChat, model: "openai/gpt-5-mini" },
    );
    expect(JSON.parse(text)).toMatchObject({ internalCode: 2040 });
  });
});
