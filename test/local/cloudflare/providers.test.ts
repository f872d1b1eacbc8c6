import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import {
  ANSWERS,
  anthropicClient,
  googleClient,
  type Keys,
  openaiClient,
  questions,
  type Target,
} from "./provider-calls";
import { createToken, KEYS, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const target = (): Target => {
  const origin = cloudflare().providersUrl;
  return {
    anthropic: `${origin}/anthropic`,
    openai: `${origin}/openai/v1`,
    google: `${origin}/google-ai-studio`,
    openrouter: `${origin}/openrouter/api/v1`,
  };
};
const BAD: Keys = {
  anthropic: "bad",
  openai: "bad-key-of-openai",
  "google-ai-studio": "bad",
  openrouter: "bad",
};

test.each(Object.entries(ANSWERS))("%s", async (name, text) => {
  const answer = await questions(target(), KEYS)[name]?.();
  expect(answer?.text).toBe(text);
  if (name.endsWith("streamed")) expect(answer?.pieces).toBeGreaterThan(1);
});

describe("a bad key is refused in the provider's own words", () => {
  test("anthropic", async () => {
    const call = questions(target(), BAD)["anthropic messages"]?.();
    await expect(call).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    await expect(call).rejects.toMatchObject({ error: { error: { type: "authentication_error" } } });
  });

  test("openai, with the key masked", async () => {
    const call = questions(target(), BAD)["openai responses"]?.();
    await expect(call).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(call).rejects.toMatchObject({ code: "invalid_api_key" });
    await expect(call).rejects.not.toThrow("bad-key-of-openai");
  });

  test("google, with 400", async () => {
    const call = questions(target(), BAD)["google generateContent"]?.();
    await expect(call).rejects.toMatchObject({ status: 400 });
    await expect(call).rejects.toThrow("API_KEY_INVALID");
  });

  test("openrouter", async () => {
    await expect(questions(target(), BAD)["openrouter chat"]?.()).rejects.toMatchObject({ status: 401 });
  });
});

describe("required fields", () => {
  const post = async (path: string, headers: Record<string, string>, body: object) => {
    const response = await fetch(`${cloudflare().providersUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const messages = [{ role: "user", content: "ping" }];
  const anthropic = { "x-api-key": KEYS.anthropic, "anthropic-version": "2023-06-01" };
  const openai = { authorization: `Bearer ${KEYS.openai}` };
  const google = { "x-goog-api-key": KEYS["google-ai-studio"] };

  test.each([
    ["/anthropic/v1/messages", anthropic, { model: "m", messages }, "max_tokens"],
    ["/anthropic/v1/messages", anthropic, { model: "m", max_tokens: 1 }, "messages"],
    ["/anthropic/v1/messages", anthropic, { messages, max_tokens: 1 }, "model"],
    [
      "/anthropic/v1/messages",
      { "x-api-key": KEYS.anthropic },
      { model: "m", messages, max_tokens: 1 },
      "anthropic-version",
    ],
    ["/openai/v1/responses", openai, { model: "m" }, "input"],
    ["/openai/v1/chat/completions", openai, { model: "m" }, "messages"],
    ["/openai/v1/chat/completions", openai, { model: "m", messages, stream_options: {} }, "stream_options"],
    [
      "/openai/v1/chat/completions",
      openai,
      { model: "m", messages: [{ role: "human", content: "x" }] },
      "role",
    ],
    ["/google-ai-studio/v1beta/models/m:generateContent", google, {}, "contents"],
  ])("%s says what is missing", async (path, headers, body, missing) => {
    const { status, text } = await post(path, headers, body);
    expect(status).toBe(400);
    expect(text).toContain(missing);
  });

  test("a path that the provider does not have is its 404", async () => {
    const { status, text } = await post("/anthropic/v1/embeddings", anthropic, {});
    expect(status).toBe(404);
    expect(text).toContain("not_found_error");
  });
});

test("token counts, embeddings and lists of models", async () => {
  const anthropic = anthropicClient(target(), KEYS);
  const messages = [{ role: "user" as const, content: "ping" }];
  const { input_tokens } = await anthropic.messages.countTokens({ model: "claude-sonnet-4-6", messages });
  expect(input_tokens).toBeGreaterThan(0);
  expect((await anthropic.models.list()).data.map(({ id }) => id)).toContain("claude-sonnet-4-6");

  const openai = openaiClient(target().openai, KEYS.openai, {});
  const model = "text-embedding-3-small";
  const { data } = await openai.embeddings.create({ model, input: ["one", "two"] });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([1536, 1536]);
  const floats = await openai.embeddings.create({ model, input: "one", encoding_format: "float" });
  expect(floats.data[0]?.embedding[7]).toBeCloseTo(data[0]?.embedding[7] ?? Number.NaN, 6);
  expect((await openai.models.list()).data.map(({ id }) => id)).toContain(model);

  const legacy = await fetch(`${target().anthropic}/v1/models`, { headers: { "x-api-key": KEYS.anthropic } });
  expect(legacy.status).toBe(200);

  const google = await googleClient(target(), KEYS);
  const { embeddings } = await google.models.embedContent({ model: "gemini-embedding-001", contents: "one" });
  expect(embeddings?.[0]?.values).toHaveLength(3072);

  const openrouter = openaiClient(target().openrouter, "none needed", {});
  expect((await openrouter.models.list()).data.map(({ id }) => id)).toContain("openrouter/auto");
  const key = (authorization: string) =>
    fetch(`${target().openrouter}/key`, { headers: { authorization } }).then(({ status }) => status);
  expect([await key(`Bearer ${KEYS.openrouter}`), await key("Bearer other")]).toEqual([200, 401]);
});

test("Workers AI takes a token of the account with Workers AI Read", async () => {
  const chat = async (...permissions: string[]) => {
    const { value } = await createToken(cloudflare(), ...permissions);
    const client = openaiClient(`${cloudflare().providersUrl}/workers-ai/v1`, value, {});
    return client.chat.completions.create({
      model: "@cf/moonshotai/kimi-k2.6",
      messages: [{ role: "user", content: "ping" }],
    });
  };
  const { choices } = await chat("Workers AI Read");
  expect(choices[0]?.message.content).toBe("pong from workers-ai/@cf/moonshotai/kimi-k2.6: ping");
  await expect(chat("AI Gateway Run")).rejects.toMatchObject({ status: 401 });
});

test("what was asked is remembered, and no key with it", async () => {
  await questions(target(), KEYS)["google generateContent, streamed"]?.();
  await expect(questions(target(), BAD)["openai chat"]?.()).rejects.toThrow();
  await fetch(`${cloudflare().providersUrl}/openai/v1/models`);
  const requests = cloudflare().providerRequests().slice(-3);
  expect(requests).toMatchObject([
    {
      slug: "google-ai-studio",
      path: "/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse",
      model: "gemini-3-flash",
      key: "ok",
      headers: { "x-goog-api-key": "ok" },
    },
    { slug: "openai", method: "POST", key: "bad", headers: { authorization: "bad" } },
    { slug: "openai", method: "GET", key: "none" },
  ]);
  const remembered = JSON.stringify(cloudflare().providerRequests());
  for (const key of [...Object.values(KEYS), BAD.openai]) expect(remembered).not.toContain(key);
});
