import OpenAI from "openai";
import { chatQuestions, openaiClient } from "./provider-calls";
import { createGateway, createToken, KEYS, useLocalCloudflare } from "./support";

/** The fake providers beside the four of `providers.test.ts`, by their own paths and by the gateway's. */

const cloudflare = useLocalCloudflare();
let gateway = "";
let run = "";

beforeAll(async () => {
  await createGateway(cloudflare(), "openclaw");
  run = (await createToken(cloudflare(), "AI Gateway Run")).value;
  gateway = `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/openclaw`;
});

/** Slug, model, base path at the vendor, base path at the gateway. */
const CHAT = [
  ["cerebras", "gpt-oss-120b", "/v1", ""],
  ["cohere", "command-a-plus-05-2026", "/compatibility/v1", "/compatibility/v1"],
  ["deepseek", "deepseek-flash", "", ""],
  ["grok", "grok-4.3", "/v1", "/v1"],
  ["groq", "openai/gpt-oss-120b", "/openai/v1", ""],
] as const;
/** Those that speak Responses. */
const RESPONSES = [
  ["grok", "grok-4.3", "/v1", "/v1"],
  ["groq", "openai/gpt-oss-120b", "/openai/v1", ""],
  ["perplexity-ai", "perplexity/sonar", "/v1", "/v1"],
] as const;

const direct = (slug: keyof typeof KEYS, path: string, key: string = KEYS[slug]) =>
  openaiClient(`${cloudflare().providersUrl}/${slug}${path}`, key, {});
const behindGateway = (slug: keyof typeof KEYS, path: string) =>
  openaiClient(`${gateway}/${slug}${path}`, KEYS[slug], {
    headers: { "cf-aig-authorization": `Bearer ${run}` },
  });

/** A plain call, for what no SDK here knows. */
async function post(slug: keyof typeof KEYS, path: string, body?: object, key: string = KEYS[slug]) {
  const response = await fetch(`${cloudflare().providersUrl}/${slug}${path}`, {
    method: "POST",
    headers: key === "" ? {} : { authorization: `Bearer ${key}` },
    body: JSON.stringify(body) ?? "",
  });
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) as Record<string, unknown> };
}

/** Whether the client is the vendor's own path or the gateway's, the answers are the same. */
const WAYS = [
  ["its own path", direct, 2],
  ["the gateway", behindGateway, 3],
] as const;

describe.each(WAYS)("by %s", (_way, client, at) => {
  test.each(CHAT)("%s answers chat completions, whole and streamed", async (...vendor) => {
    const [slug, model] = vendor;
    for (const ask of Object.values(chatQuestions(slug, client(slug, vendor[at]), model)))
      expect((await ask()).text).toBe(`pong from ${slug}/${model}: ping`);
  });

  test.each(RESPONSES)("%s answers Responses, whole and streamed", async (...vendor) => {
    const [slug, model] = vendor;
    const { responses } = client(slug, vendor[at]);
    const text = `pong from ${slug}/${model}: ping`;
    expect((await responses.create({ model, input: "ping" })).output_text).toBe(text);
    const stream = responses.stream({ model, input: "ping" });
    expect((await stream.finalResponse()).output_text).toBe(text);
  });

  test("Mistral answers, and refuses fields that it does not know", async () => {
    const { chat } = client("mistral", "/v1");
    const request = {
      model: "mistral-large-latest",
      messages: [{ role: "user" as const, content: "ping" }],
    };
    const { choices } = await chat.completions.create({ ...request, max_tokens: 9 });
    expect(choices[0]?.message.content).toBe("pong from mistral/mistral-large-latest: ping");
    const parts: string[] = [];
    for await (const chunk of await chat.completions.create({ ...request, stream: true }))
      parts.push(chunk.choices[0]?.delta.content ?? "");
    expect(parts.join("")).toBe("pong from mistral/mistral-large-latest: ping");

    const refused = { max_completion_tokens: 9 };
    await expect(chat.completions.create({ ...request, ...refused })).rejects.toMatchObject({ status: 422 });
    const usage = { stream: true as const, stream_options: { include_usage: true } };
    await expect(chat.completions.create({ ...request, ...usage })).rejects.toMatchObject({ status: 422 });
  });
});

/** What a wrong key and an unknown path are answered with; no body at all where it is undefined. */
const REFUSALS = [
  ["cerebras", 401, { code: "wrong_api_key" }, { type: "not_found_error" }],
  ["cohere", 401, { message: "invalid api token" }, { message: expect.any(String) }],
  [
    "deepseek",
    401,
    { error: { type: "authentication_error", message: expect.stringContaining("****-key") } },
    { error: { code: "invalid_request_error" } },
  ],
  ["grok", 400, { code: "invalid-argument", error: expect.any(String) }, { code: "not-found" }],
  ["groq", 401, { error: { code: "invalid_api_key" } }, { error: { code: "unknown_url" } }],
  ["mistral", 401, { detail: "Unauthorized" }, { detail: "Not Found" }],
  ["perplexity-ai", 401, { error: { type: "invalid_api_key", code: 401 } }, undefined],
] as const;

/** An endpoint of each that needs a key. */
const ENDPOINT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(CHAT.map(([slug, , path]) => [slug, `${path}/chat/completions`])),
  mistral: "/v1/chat/completions",
  "perplexity-ai": "/v1/agent",
};

describe.each(REFUSALS)("%s refuses in its own words", (slug, badStatus, bad, unknown) => {
  const endpoint = ENDPOINT[slug] ?? "";

  test("a wrong key", async () => {
    const answer = await post(slug, endpoint, undefined, "a-wrong-key");
    expect(answer.status).toBe(badStatus);
    expect(answer.json()).toMatchObject(bad);
    expect(answer.text).not.toContain("a-wrong-key");
  });

  test("no key", async () => {
    expect((await post(slug, endpoint, undefined, "")).status).toBe(401);
  });

  test("a path that it does not have", async () => {
    const answer = await post(slug, "/v9/nothing");
    expect(answer.status).toBe(404);
    if (unknown === undefined) expect(answer.text).toBe("");
    else expect(answer.json()).toMatchObject(unknown);
  });

  test("a body that is none", async () => {
    expect([400, 422]).toContain((await post(slug, endpoint)).status);
  });
});

test("the OpenAI SDK has a type for a wrong key, except where the vendor's status is another one", async () => {
  const ask = (slug: keyof typeof KEYS, path: string) =>
    direct(slug, path, "a-wrong-key").chat.completions.create({
      model: "m",
      messages: [{ role: "user", content: "ping" }],
    });
  await expect(ask("groq", "/openai/v1")).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await expect(ask("grok", "/v1")).rejects.toBeInstanceOf(OpenAI.BadRequestError);
});

test("Perplexity has no chat completions any more, and a search", async () => {
  const { chat } = direct("perplexity-ai", "");
  const old = chat.completions.create({ model: "sonar-pro", messages: [{ role: "user", content: "ping" }] });
  await expect(old).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
  await expect(old).rejects.toThrow("Agent API");
  const found = await post("perplexity-ai", "/search", { query: "ping" });
  expect(found.json()).toMatchObject({ results: [{ snippet: "found: ping" }] });
});

test("vendors list their models and make vectors", async () => {
  const list = async (slug: keyof typeof KEYS, path: string) =>
    (await direct(slug, path).models.list()).data.map(({ id }) => id);
  expect(await list("groq", "/openai/v1")).toContain("openai/gpt-oss-120b");
  expect(await list("deepseek", "")).toContain("deepseek-flash");
  const model = "mistral-embed";
  expect((await direct("mistral", "/v1").embeddings.create({ model, input: "one" })).data).toHaveLength(1);
});

describe("Cohere's own API", () => {
  const model = "command-a-plus-05-2026";
  const messages = [{ role: "user", content: [{ type: "text", text: "ping" }] }];
  const pong = `pong from cohere/${model}: ping`;

  test("v2/chat, whole and streamed", async () => {
    const whole = await post("cohere", "/v2/chat", { model, messages });
    expect(whole.json()).toMatchObject({
      finish_reason: "COMPLETE",
      message: { role: "assistant", content: [{ type: "text", text: pong }] },
    });
    const { text } = await post("cohere", "/v2/chat", { model, messages, stream: true });
    const events = text
      .trim()
      .split("\n\n")
      .map((event) => JSON.parse(event.split("\ndata: ")[1] ?? ""));
    const types = events.map(({ type }) => type).filter((type, index, all) => all[index - 1] !== type);
    expect(types).toEqual(["message-start", "content-start", "content-delta", "content-end", "message-end"]);
    const parts = events.map(({ type, delta }) =>
      type === "content-delta" ? delta.message.content.text : "",
    );
    expect(parts.join("")).toBe(pong);
  });

  test("v1/chat, whole and streamed", async () => {
    const whole = await post("cohere", "/v1/chat", { model, message: "ping" });
    expect(whole.json()).toMatchObject({ text: pong });
    const { text } = await post("cohere", "/v1/chat", { model, message: "ping", stream: true });
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ is_finished }) => is_finished).lastIndexOf(false)).toBe(lines.length - 2);
    expect(lines.at(-1)).toMatchObject({ event_type: "stream-end", response: { text: pong } });
  });

  test.each([
    ["/v2/chat", { model }, "messages"],
    ["/v1/chat", { model }, "message"],
    ["/v2/embed", { model, texts: ["one"] }, "input_type"],
  ])("%s says what is missing", async (path, body, missing) => {
    const answer = await post("cohere", path, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(missing);
  });

  test("v2/embed", async () => {
    const body = { model: "embed-v4.0", texts: ["one", "two"], input_type: "search_query" };
    const { embeddings } = (await post("cohere", "/v2/embed", body)).json();
    expect(embeddings).toMatchObject({ float: [expect.any(Array), expect.any(Array)] });
  });
});
