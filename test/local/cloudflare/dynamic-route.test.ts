import { createGateway, createToken, oneModel, sdk, useLocalCloudflare } from "./support";

let dice = 0;
const cloudflare = useLocalCloudflare({ random: () => dice });
const GATEWAY = "openclaw";
const KIMI = "@cf/moonshotai/kimi-k2.6";
const LLAMA = "@cf/meta/llama-3.3-70b-instruct";
let run = "";

beforeAll(async () => {
  await createGateway(cloudflare(), GATEWAY);
  run = (await createToken(cloudflare(), "AI Gateway Run", "Workers AI Read")).value;
});

const routes = () => sdk(cloudflare()).aiGateway.dynamicRouting;
const account = () => ({ account_id: cloudflare().accountId });
const create = (name: string, elements: unknown) =>
  routes().create(GATEWAY, { ...account(), name, elements: elements as ReturnType<typeof oneModel> });

async function ask(route: string, headers: Record<string, string> = {}, fields: object = {}) {
  const url = `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/${GATEWAY}/compat/chat/completions`;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "cf-aig-authorization": `Bearer ${run}`, ...headers },
    body: JSON.stringify({
      model: `dynamic/${route}`,
      messages: [{ role: "user", content: "ping" }],
      ...fields,
    }),
  });
  const text = await response.text();
  const { status } = response;
  const [model, provider, step] = ["model", "provider", "step"].map((name) =>
    response.headers.get(`cf-aig-${name}`),
  );
  return {
    status,
    text,
    model,
    provider,
    step,
    served: status === 200 ? model : JSON.parse(text).internalCode,
  };
}

const start = (next: string) => ({ id: "start", type: "start", outputs: { next: { elementId: next } } });
const end = { id: "end", type: "end", outputs: {} };
const to = (elementId: string) => ({ elementId });
const model = (id: string, name: string, fallback = "end", provider = "workers-ai") => ({
  id,
  type: "model",
  properties: { provider, model: name, timeout: 5000, retries: 0 },
  outputs: { success: to("end"), fallback: to(fallback) },
});

test("serves the deployed version, and says who served", async () => {
  await create("support", oneModel(KIMI));
  const answer = await ask("support");
  expect(answer).toMatchObject({ status: 200, model: KIMI, provider: "workers-ai", step: "0" });
  expect(answer.text).toContain(`pong from workers-ai/${KIMI}: ping`);
  expect(cloudflare().gatewayLog().at(-1)).toMatchObject({
    dynamicRoute: "support",
    provider: "workers-ai",
    model: KIMI,
    step: 0,
  });
  expect(cloudflare().providerRequests().at(-1)).toMatchObject({
    slug: "workers-ai",
    model: KIMI,
    key: "ok",
  });
});

test("takes the gateway's token in authorization as well", async () => {
  await create("documented", oneModel(KIMI));
  const headers = { "cf-aig-authorization": "", authorization: `Bearer ${run}` };
  expect((await ask("documented", headers)).served).toBe(2009);
  const url = `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/${GATEWAY}/compat/chat/completions`;
  const body = JSON.stringify({ model: "dynamic/documented", messages: [{ role: "user", content: "ping" }] });
  const answer = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${run}` }, body });
  expect(answer.status).toBe(200);
});

test("streams, with the usage at the end", async () => {
  await create("streamed", oneModel(KIMI));
  const { text } = await ask("streamed", {}, { stream: true, stream_options: { include_usage: true } });
  const events = text.trim().split("\n\n");
  expect(events.at(-1)).toBe("data: [DONE]");
  expect(events.at(-2)).toContain("total_tokens");
  expect(cloudflare().gatewayLog().at(-1)).toMatchObject({ stream: true });
});

test("serves a new version only once it is deployed", async () => {
  const { id } = await create("changing", oneModel(KIMI));
  const at = { ...account(), gateway_id: GATEWAY };
  const made: unknown = await routes().createVersion(id, { ...at, elements: oneModel(LLAMA) });
  expect((await ask("changing")).served).toBe(KIMI);
  await routes().createDeployment(id, { ...at, version_id: (made as { version_id: string }).version_id });
  expect((await ask("changing")).served).toBe(LLAMA);
});

test("branches on metadata and on the body", async () => {
  const conditions = {
    "metadata.plan": { $eq: "paid" },
    $or: [{ "body.user": "ada" }, { "body.max_tokens": { $lt: 10 } }],
  };
  const branch = {
    id: "c",
    type: "conditional",
    properties: { conditions },
    outputs: { true: to("big"), false: to("small") },
  };
  await create("conditional", [start("c"), branch, model("big", KIMI), model("small", LLAMA), end]);
  const plan = (name: string) => ({ "cf-aig-metadata": JSON.stringify({ plan: name }) });
  expect((await ask("conditional", plan("paid"), { user: "ada" })).served).toBe(KIMI);
  expect((await ask("conditional", plan("paid"), { max_tokens: 5 })).served).toBe(KIMI);
  expect((await ask("conditional", plan("paid"), { max_tokens: 50 })).served).toBe(LLAMA);
  expect((await ask("conditional", plan("free"), { user: "ada" })).served).toBe(LLAMA);
  expect((await ask("conditional")).served).toBe(LLAMA);
});

test("splits by percentage", async () => {
  const split = { id: "p", type: "percentage", outputs: { "10%": to("few"), "90%": to("many") } };
  await create("split", [start("p"), split, model("few", LLAMA), model("many", KIMI), end]);
  const served: unknown[] = [];
  for (dice of [0, 0.099, 0.1, 0.999]) served.push((await ask("split")).served);
  expect(served).toEqual([LLAMA, LLAMA, KIMI, KIMI]);
});

test("counts a rate by its key", async () => {
  const properties = { key: "metadata.host", limit: 1, limitType: "count", window: 3600 };
  const rate = { id: "r", type: "rate", properties, outputs: { success: to("big"), fallback: to("small") } };
  await create("rated", [start("r"), rate, model("big", KIMI), model("small", LLAMA), end]);
  const from = async (host: string) =>
    (await ask("rated", { "cf-aig-metadata": JSON.stringify({ host }) })).served;
  expect([await from("a"), await from("a"), await from("b")]).toEqual([KIMI, LLAMA, KIMI]);
});

describe("a model that cannot serve", () => {
  test("hands over to its fallback, which is step 1", async () => {
    const elements = [
      start("first"),
      model("first", "gpt-5-mini", "second", "openai"),
      model("second", KIMI),
      end,
    ];
    await create("fallback", elements);
    expect(await ask("fallback")).toMatchObject({ status: 200, model: KIMI, step: "1" });
  });

  test("without a stored key ends in 400/2040, and the provider is never called", async () => {
    await create("keyless", oneModel("gpt-5-mini", "openai"));
    const before = cloudflare().providerRequests().length;
    expect(await ask("keyless")).toMatchObject({ status: 400, served: 2040 });
    expect(cloudflare().providerRequests()).toHaveLength(before);
  });

  test("for want of Workers AI Read ends in 400/2005", async () => {
    await create("unread", oneModel(KIMI));
    const { value } = await createToken(cloudflare(), "AI Gateway Run");
    expect(await ask("unread", { "cf-aig-authorization": `Bearer ${value}` })).toMatchObject({
      served: 2005,
    });
  });

  test("is not asked again when it refuses", async () => {
    const elements = oneModel(KIMI).map((node) =>
      node.type === "model" ? { ...node, properties: { ...node.properties, retries: 2 } } : node,
    );
    await create("refused", elements);
    const { value } = await createToken(cloudflare(), "AI Gateway Run");
    const before = cloudflare().providerRequests().length;
    await ask("refused", { "cf-aig-authorization": `Bearer ${value}` });
    expect(cloudflare().providerRequests()).toHaveLength(before + 1);
  });
});

test.each([
  ["that does not exist", undefined],
  [
    "that goes in circles",
    [
      start("a"),
      { id: "a", type: "conditional", properties: {}, outputs: { true: to("a"), false: to("end") } },
      end,
    ],
  ],
  ["whose edge leads nowhere", [start("gone"), end]],
])("a route %s is 400/2005", async (what, elements) => {
  const name = what.replace(/[^a-z]+/g, "-");
  if (elements) await create(name, elements);
  expect(await ask(name)).toMatchObject({ status: 400, served: 2005 });
});
