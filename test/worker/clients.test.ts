import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { toFile } from "openai";
import { GATEWAY_PATH, HOST_TOKENS } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";
import { answerLikeVendors } from "./vendors";

shareWorker();
beforeEach(() => {
  upstream.answer = answerLikeVendors;
});

/** A picture of one transparent point. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const QUESTION = [{ role: "user" as const, content: "ping" }];
const PARAMETERS = { type: "object" as const, properties: { city: { type: "string" } } };

/** Path and body of the only request that came upstream. */
function sent(): { path: string; body: string } {
  const { url, body } = upstream.only;
  return { path: url.slice(GATEWAY_PATH.length), body: body.toString("latin1") };
}

/** Reads a stream's first piece, aborts it, and waits until the upstream's end is closed too. */
async function abortAfterFirst<T>(
  open: () => Promise<AsyncIterable<T>>,
  abort: (stream: AsyncIterable<T>) => void,
): Promise<void> {
  let ended = () => {};
  const upstreamEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  upstream.answer = (response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = request.url.includes("/messages")
      ? 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"po"}}'
      : 'data: {"choices":[{"index":0,"delta":{"content":"po"}}],"candidates":[{"content":{"parts":[{"text":"po"}]}}]}';
    const timer = setInterval(() => response.write(`${event}\n\n`), 10);
    response.on("close", () => {
      clearInterval(timer);
      ended();
    });
  };
  const stream = await open();
  try {
    for await (const _ of stream) abort(stream);
  } catch {
    // Google's SDK ends an aborted stream with an error; the others just end it.
  }
  await upstreamEnded;
}

/** Providers whose API is like OpenAI's, with the base path that their users write. */
const OPENAI_LIKE = [
  ["/openai/v1", "/openai"],
  ["/openai", "/openai"],
  ["/openrouter", "/openrouter/v1"],
  ["/openrouter/v1", "/openrouter/v1"],
  ["/grok/v1", "/grok/v1"],
  ["/groq", "/groq"],
  ["/cerebras/v1", "/cerebras"],
  ["/mistral/v1", "/mistral/v1"],
  ["/deepseek", "/deepseek"],
  ["/cohere/compatibility/v1", "/cohere/compatibility/v1"],
  ["/workers-ai/v1", "/workers-ai/v1"],
  ["/compat", "/compat"],
] as const;

describe.each(OPENAI_LIKE)("openai SDK at %s", (basePath, upstreamPath) => {
  const client = () =>
    new OpenAI({ baseURL: worker.url + basePath, apiKey: HOST_TOKENS.vps1, maxRetries: 0 });

  test("plain answer", async () => {
    const answer = await client().chat.completions.create({ model: "m", messages: QUESTION });
    expect(answer.choices[0]?.message.content).toBe("pong");
    expect(sent().path).toBe(`${upstreamPath}/chat/completions`);
  });

  test("streamed answer", async () => {
    const stream = await client().chat.completions.create({ model: "m", messages: QUESTION, stream: true });
    const parts: string[] = [];
    for await (const chunk of stream) parts.push(chunk.choices[0]?.delta.content ?? "");
    expect(parts).toEqual(["po", "ng"]);
  });

  test("tool call", async () => {
    const tools = [{ type: "function" as const, function: { name: "weather", parameters: PARAMETERS } }];
    const answer = await client().chat.completions.create({ model: "m", messages: QUESTION, tools });
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: "weather" } });
    expect(sent().body).toContain('"weather"');
    const stream = client().chat.completions.stream({ model: "m", messages: QUESTION, tools });
    const [call] = (await stream.finalMessage()).tool_calls ?? [];
    expect(call).toMatchObject({ function: { name: "weather", arguments: '{"city":"Brno"}' } });
  });
});

describe("openai SDK", () => {
  const client = (path = "/openai/v1") =>
    new OpenAI({ baseURL: worker.url + path, apiKey: HOST_TOKENS.vps1, maxRetries: 0 });

  test.each(["/openai/v1", "/grok/v1", "/groq", "/perplexity-ai/v1", "/openrouter", "/workers-ai/v1"])(
    "responses at %s, plain and streamed",
    async (path) => {
      const { responses } = client(path);
      expect((await responses.create({ model: "m", input: "ping" })).output_text).toBe("pong");
      const parts: string[] = [];
      for await (const event of await responses.create({ model: "m", input: "ping", stream: true }))
        if (event.type === "response.output_text.delta") parts.push(event.delta);
      expect(parts).toEqual(["po", "ng"]);
    },
  );

  test.each(["/openai/v1", "/openrouter"])("multimodal input at %s", async (path) => {
    const url = `data:image/png;base64,${PNG}`;
    const content = [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url } },
    ];
    await client(path).chat.completions.create({ model: "m", messages: [{ role: "user", content }] });
    expect(sent().body).toContain(PNG);
  });

  test.each(["/openai/v1", "/openrouter", "/mistral/v1"])("embeddings at %s", async (path) => {
    const { data } = await client(path).embeddings.create({ model: "text-embedding-3-small", input: "ping" });
    expect(data[0]?.embedding).toEqual([0.5, -0.25]);
  });

  test.each(["/openai/v1", "/openrouter", "/openrouter/v1", "/mistral/v1"])("models at %s", async (path) => {
    const { data } = await client(path).models.list();
    expect(data.map(({ id }) => id)).toEqual(["model-1", "model-2"]);
    if (path === "/openai/v1") expect((await client(path).models.retrieve("model-1")).id).toBe("model-1");
  });

  // The last one searches the web.
  test.each(["openrouter/auto", "meta-llama/llama-3.3-70b-instruct:free", "perplexity/sonar"])(
    "OpenRouter's %s",
    async (model) => {
      await client("/openrouter").chat.completions.create({ model, messages: QUESTION });
      expect(JSON.parse(sent().body).model).toBe(model);
    },
  );

  test("audio and images, multipart bodies among them", async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 45, 45, 128]);
    const file = await toFile(bytes, "a.wav");
    expect((await client().audio.transcriptions.create({ model: "whisper-1", file })).text).toBe("pong");
    expect(upstream.only.headers["content-type"]).toMatch(/^multipart\/form-data; ?boundary=/);
    expect(sent().body).toContain(bytes.toString("latin1"));
    upstream.requests.length = 0;
    const image = await toFile(Buffer.from(PNG, "base64"), "a.png", { type: "image/png" });
    const edited = await client().images.edit({ model: "gpt-image-1", image, prompt: "p" });
    expect(edited.data?.[0]?.b64_json).toBe("cG9uZw==");
    expect(sent().body).toContain(Buffer.from(PNG, "base64").toString("latin1"));
  });

  test.each(["/openai/v1", "/openrouter"])("aborted stream at %s", async (path) => {
    const controller = new AbortController();
    const { signal } = controller;
    await abortAfterFirst(
      () =>
        client(path).chat.completions.create({ model: "m", messages: QUESTION, stream: true }, { signal }),
      () => controller.abort(),
    );
  });
});

describe("@anthropic-ai/sdk", () => {
  const client = (path = "/anthropic") =>
    new Anthropic({ baseURL: worker.url + path, apiKey: HOST_TOKENS.vps1, maxRetries: 0 });
  const question = { model: "claude-sonnet-4-6", max_tokens: 9, messages: QUESTION };

  test.each(["/anthropic", ""])("plain answer at %j", async (path) => {
    const { content } = await client(path).messages.create(question);
    expect(content[0]).toMatchObject({ type: "text", text: "pong" });
    expect(sent().path).toBe("/anthropic/v1/messages");
  });

  test("streamed answer", async () => {
    expect(await client().messages.stream(question).finalText()).toBe("pong");
  });

  test("tool call", async () => {
    const tools = [{ name: "weather", input_schema: PARAMETERS }];
    const { content } = await client().messages.create({ ...question, tools });
    expect(content[0]).toMatchObject({ type: "tool_use", name: "weather", input: { city: "Brno" } });
  });

  test("multimodal input, beta features", async () => {
    const source = { type: "base64" as const, media_type: "image/png" as const, data: PNG };
    const messages = [{ role: "user" as const, content: [{ type: "image" as const, source }] }];
    await client().beta.messages.create({
      ...question,
      messages,
      betas: ["token-efficient-tools-2025-02-19"],
    });
    expect(sent()).toMatchObject({
      path: "/anthropic/v1/messages",
      body: expect.stringContaining(PNG),
    });
    expect(upstream.only.headers["anthropic-beta"]).toBe("token-efficient-tools-2025-02-19");
  });

  test("token count and models", async () => {
    const { model, messages } = question;
    expect((await client().messages.countTokens({ model, messages })).input_tokens).toBe(7);
    const { data } = await client().models.list();
    expect(data.map(({ id }) => id)).toEqual(["model-1", "model-2"]);
  });

  test("aborted stream", async () => {
    const controller = new AbortController();
    await abortAfterFirst(
      () => client().messages.create({ ...question, stream: true }, { signal: controller.signal }),
      () => controller.abort(),
    );
  });
});

describe("@google/genai", () => {
  const model = "gemini-3.1-pro";
  async function client() {
    const { GoogleGenAI } = await import("@google/genai");
    return new GoogleGenAI({
      apiKey: HOST_TOKENS.vps1,
      httpOptions: { baseUrl: `${worker.url}/google-ai-studio` },
    });
  }

  test("plain answer", async () => {
    const { models } = await client();
    expect((await models.generateContent({ model, contents: "ping" })).text).toBe("pong");
    expect(sent().path).toBe(`/google-ai-studio/v1/models/${model}:generateContent`);
    expect(upstream.only.headers["x-goog-api-key"]).toBe("key-of-google-ai-studio");
  });

  test("streamed answer", async () => {
    const { models } = await client();
    const parts: (string | undefined)[] = [];
    for await (const chunk of await models.generateContentStream({ model, contents: "ping" }))
      parts.push(chunk.text);
    expect(parts).toEqual(["po", "ng"]);
    expect(sent().path).toMatch(/:streamGenerateContent\?alt=sse$/);
  });

  test("tool call", async () => {
    const { models } = await client();
    const config = { tools: [{ functionDeclarations: [{ name: "weather" }] }] };
    const { functionCalls } = await models.generateContent({ model, contents: "ping", config });
    expect(functionCalls?.[0]).toMatchObject({ name: "weather", args: { city: "Brno" } });
  });

  test("multimodal input", async () => {
    const { models } = await client();
    const contents = [{ inlineData: { mimeType: "image/png", data: PNG } }, { text: "What is this?" }];
    await models.generateContent({ model, contents });
    expect(sent().body).toContain(PNG);
  });

  test("token count, embeddings and models", async () => {
    const { models } = await client();
    expect((await models.countTokens({ model, contents: "ping" })).totalTokens).toBe(7);
    const { embeddings } = await models.embedContent({ model: "gemini-embedding-001", contents: "ping" });
    expect(embeddings?.[0]?.values).toEqual([0.5, -0.25]);
    const names: (string | undefined)[] = [];
    for await (const one of await models.list()) names.push(one.name);
    expect(names).toEqual(["models/gemini-3.1-pro"]);
  });

  test("aborted stream", async () => {
    const { models } = await client();
    const controller = new AbortController();
    await abortAfterFirst(
      () =>
        models.generateContentStream({
          model,
          contents: "ping",
          config: { abortSignal: controller.signal },
        }),
      () => controller.abort(),
    );
  });
});
