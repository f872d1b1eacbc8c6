import fc from "fast-check";
import { GATEWAY_ENDPOINTS } from "../../infra/llm-providers";
import { bearer, bindings, GATEWAY_PATH, RunningWorker } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";

shareWorker();

/** What a client asks for, and what the gateway is asked for below the gateway's own path. */
const SERVED: [method: string, path: string, upstreamPath: string][] = [
  ["POST", "/anthropic/v1/messages", "/anthropic/v1/messages"],
  ["POST", "/anthropic/v1/messages?beta=true", "/anthropic/v1/messages?beta=true"],
  ["POST", "/anthropic/v1/messages/count_tokens", "/anthropic/v1/messages/count_tokens"],
  ["GET", "/anthropic/v1/models?limit=5&after_id=a", "/anthropic/v1/models?limit=5&after_id=a"],
  ["GET", "/anthropic/v1/models/claude-sonnet-4-6", "/anthropic/v1/models/claude-sonnet-4-6"],
  ["POST", "/openai/chat/completions", "/openai/chat/completions"],
  ["POST", "/openai/v1/chat/completions", "/openai/chat/completions"],
  ["POST", "/openai/v1/responses", "/openai/responses"],
  ["POST", "/openai/responses", "/openai/responses"],
  ["POST", "/openai/v1/embeddings", "/openai/embeddings"],
  ["GET", "/openai/v1/models", "/openai/models"],
  ["GET", "/openai/v1/models/gpt-5.4", "/openai/models/gpt-5.4"],
  [
    "POST",
    "/google-ai-studio/v1beta/models/gemini-3.1-pro-preview:generateContent",
    "/google-ai-studio/v1beta/models/gemini-3.1-pro-preview:generateContent",
  ],
  [
    "POST",
    "/google-ai-studio/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse",
    "/google-ai-studio/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse",
  ],
  ["POST", "/google-ai-studio/v1/models/e:embedContent", "/google-ai-studio/v1/models/e:embedContent"],
  ["POST", "/google-ai-studio/v1beta/models/e:countTokens", "/google-ai-studio/v1beta/models/e:countTokens"],
  ["GET", "/google-ai-studio/v1beta/models?pageSize=9", "/google-ai-studio/v1beta/models?pageSize=9"],
  ["POST", "/openrouter/chat/completions", "/openrouter/v1/chat/completions"],
  ["POST", "/openrouter/v1/chat/completions", "/openrouter/v1/chat/completions"],
  ["GET", "/openrouter/models", "/openrouter/v1/models"],
  ["POST", "/compat/chat/completions", "/compat/chat/completions"],
  ["POST", "/openai/v1/audio/transcriptions", "/openai/audio/transcriptions"],
  ["POST", "/openai/v1/audio/translations", "/openai/audio/translations"],
  ["POST", "/openai/audio/speech", "/openai/audio/speech"],
  ["POST", "/openai/v1/images/generations", "/openai/images/generations"],
  ["POST", "/openai/v1/images/edits", "/openai/images/edits"],
  ["POST", "/openai/v1/images/variations", "/openai/images/variations"],
  ["POST", "/grok/v1/responses", "/grok/v1/responses"],
  ["POST", "/grok/chat/completions", "/grok/v1/chat/completions"],
  ["POST", "/groq/chat/completions", "/groq/chat/completions"],
  ["POST", "/groq/openai/v1/chat/completions", "/groq/chat/completions"],
  ["POST", "/cerebras/v1/chat/completions", "/cerebras/chat/completions"],
  ["POST", "/mistral/v1/chat/completions", "/mistral/v1/chat/completions"],
  ["POST", "/mistral/embeddings", "/mistral/v1/embeddings"],
  ["POST", "/deepseek/v1/chat/completions", "/deepseek/chat/completions"],
  ["POST", "/perplexity-ai/v1/responses", "/perplexity-ai/v1/responses"],
  ["POST", "/perplexity-ai/search", "/perplexity-ai/search"],
  ["POST", "/cohere/v2/chat", "/cohere/v2/chat"],
  ["POST", "/cohere/compatibility/v1/chat/completions", "/cohere/compatibility/v1/chat/completions"],
  ["POST", "/workers-ai/v1/chat/completions", "/workers-ai/v1/chat/completions"],
  ["POST", "/workers-ai/@cf/meta/llama-3.1-8b-instruct", "/workers-ai/@cf/meta/llama-3.1-8b-instruct"],
  ["GET", "/openrouter/v1/models?category=x&limit=1", "/openrouter/v1/models?category=x"],
  // Without the slug, for clients that know only a vendor's origin.
  ["POST", "/v1/messages", "/anthropic/v1/messages"],
  ["POST", "/v1/chat/completions", "/openai/chat/completions"],
  ["POST", "/chat/completions", "/openai/chat/completions"],
  ["POST", "/v1/responses", "/openai/responses"],
  ["POST", "/responses", "/openai/responses"],
  ["POST", "/v1/embeddings", "/openai/embeddings"],
  ["POST", "/embeddings", "/openai/embeddings"],
];

test.each(SERVED)("%s %s reaches %s", async (method, path, upstreamPath) => {
  const body = method === "POST" ? '{"stream":true}' : undefined;
  const reply = await worker.send(path, { method, headers: bearer(), ...(body && { body }) });
  expect(reply.status).toBe(200);
  expect(upstream.only.method).toBe(method);
  expect(upstream.only.url).toBe(GATEWAY_PATH + upstreamPath);
  expect(upstream.only.body.toString()).toBe(body ?? "");
});

test("dot segments are resolved by the runtime before the table is asked", async () => {
  await worker.send("/x/../anthropic/./v1/messages", { headers: bearer() });
  expect(upstream.only.url).toBe(`${GATEWAY_PATH}/anthropic/v1/messages`);
});

describe("S4: 404 without a call upstream", () => {
  test.each([
    "/",
    "/anthropic",
    "/anthropic/",
    "/anthropic/v1/complete",
    "/anthropic/v1/messages/",
    "/anthropic/v1/messages/batches",
    "/Anthropic/v1/messages",
    "/anthropic//v1/messages",
    "//anthropic/v1/messages",
    "/anthropic/v1/messages/../complete",
    "/anthropic/v1/messages/..%2fcomplete",
    "/anthropic/v1/models/..",
    "/anthropic/v1/models/.",
    "/anthropic/v1/models/%2e%2e",
    "/anthropic/v1/models/a%2fb",
    "/anthropic/v1/models/a/b",
    "/anthropic%2fv1%2fmessages",
    "/%61nthropic/v1/messages",
    "/anthropic\\v1\\messages",
    "/anthropic/v1/messages;x=y",
    "/anthropic/v1/messages%00",
    "/openai/v1/v1/chat/completions",
    "/openai/v1/files",
    "/openai/v1/organization/api_keys",
    "/google-ai-studio/v1beta/models/a:deleteModel",
    "/google-ai-studio/v1beta/models/a:b:generateContent",
    "/google-ai-studio/v1beta/models/:generateContent",
    "/google-ai-studio/v2/models/a:generateContent",
    "/openrouter/v1/credits",
    "/openrouter/v1/auth/keys",
    "/compat/v1/chat/completions",
    "/compat/embeddings",
    "/universal",
    "/moonshot/v1/chat/completions",
    "/custom-mine/v1/chat/completions",
    "/workers-ai/@cf/meta",
    "/workers-ai/@cf/meta/llama/x",
    "/workers-ai/@hf/meta/llama",
    "/workers-ai/@cf/../run/llama",
    "/cohere/v1/connectors",
    "/openai/v1/audio/voices",
    `/v1/${"a".repeat(4000)}`,
    GATEWAY_PATH,
    `${GATEWAY_PATH}/anthropic/v1/messages`,
    "/healthz/",
    "/readyz/x",
  ])("for %s", async (path) => {
    const reply = await worker.send(path, { headers: bearer() });
    expect(reply.status).toBe(404);
    expect(reply.headers["x-worker-error"]).toBe("unknown_path");
    expect(upstream.requests).toHaveLength(0);
  });

  test("for a provider that is not enabled", async () => {
    const some = await RunningWorker.start({
      ...bindings(upstream.url),
      PROVIDERS: JSON.stringify(["anthropic"]),
    });
    try {
      expect((await some.send("/openai/chat/completions", { headers: bearer() })).status).toBe(404);
      expect((await some.send("/chat/completions", { headers: bearer() })).status).toBe(404);
      expect((await some.send("/compat/chat/completions", { headers: bearer() })).status).toBe(404);
      expect(upstream.requests).toHaveLength(0);
      expect((await some.send("/anthropic/v1/messages", { headers: bearer() })).status).toBe(200);
    } finally {
      await some.stop();
    }
  });

  test("for whatever path is not in the table (property)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("GET", "POST"), oddPath(), async (method, path) => {
        upstream.reset();
        const reply = await worker.send(path, { method, headers: bearer() });
        // A path that was put together by chance to be one of the table's is the only one that may get through.
        for (const { url } of upstream.requests) {
          expect(url.startsWith(`${GATEWAY_PATH}/`)).toBe(true);
          const sent = `${method} ${url.slice(GATEWAY_PATH.length).split("?")[0]}`;
          expect(ALLOWED.some((pattern) => pattern.test(sent))).toBe(true);
        }
        if (upstream.requests.length === 0) expect([404, 405]).toContain(reply.status);
      }),
      { numRuns: 500 },
    );
  });
});

/** What the table lets through to the gateway, written down anew: no code is shared with the Worker. */
const ALLOWED = GATEWAY_ENDPOINTS.flatMap(({ slug, pathPrefixes, sentPrefix, routes }) =>
  routes.flatMap((route) => {
    const [method, path = ""] = route.split(/[ ?]/);
    const pattern = path.replaceAll("{model}", "[A-Za-z0-9][A-Za-z0-9._-]*");
    return (sentPrefix === undefined ? pathPrefixes : [sentPrefix]).map(
      (prefix) => new RegExp(`^${method} /${slug}${prefix}${pattern}$`),
    );
  }),
);

test.each([
  ["GET", "/openai/v1/chat/completions", "POST"],
  ["DELETE", "/anthropic/v1/messages", "POST"],
  ["PUT", "/compat/chat/completions", "POST"],
  ["POST", "/openai/v1/models", "GET"],
  ["OPTIONS", "/openai/v1/models/gpt-5.4", "GET"],
])("%s %s is refused with 405 and names %s", async (method, path, allow) => {
  const reply = await worker.send(path, { method, headers: bearer() });
  expect(reply.status).toBe(405);
  expect(reply.headers.allow).toBe(allow);
  expect(upstream.requests).toHaveLength(0);
});

describe("S6: query parameters outside the route's list stay here", () => {
  test.each([
    ["/anthropic/v1/messages?beta=true&key=k&debug=1", "/anthropic/v1/messages?beta=true"],
    ["/anthropic/v1/messages?Beta=true", "/anthropic/v1/messages"],
    ["/anthropic/v1/messages?%62eta=true", "/anthropic/v1/messages"],
    ["/anthropic/v1/messages?", "/anthropic/v1/messages"],
    ["/openai/chat/completions?alt=sse&api-version=1", "/openai/chat/completions"],
    [
      "/google-ai-studio/v1beta/models/a:streamGenerateContent?key=AIza&alt=sse&%6bey=AIza",
      "/google-ai-studio/v1beta/models/a:streamGenerateContent?alt=sse",
    ],
  ])("%s", async (path, upstreamPath) => {
    expect((await worker.send(path, { headers: bearer() })).status).toBe(200);
    expect(upstream.only.url).toBe(GATEWAY_PATH + upstreamPath);
  });
});

/** Paths near the table's: their own pieces and what people try, in any order. */
function oddPath(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...GATEWAY_ENDPOINTS.map(({ slug }) => slug), "custom-x", "huggingface"),
    fc.constantFrom("v1", "v1beta", "messages", "chat", "completions", "responses", "embeddings", "models"),
    fc.constantFrom(
      "..",
      ".",
      "",
      "%2e%2e",
      "%2f",
      "%5c",
      "..;",
      "a:generateContent",
      "%00",
      "%25",
      "@cf",
      "*",
    ),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
    fc.string({ unit: "grapheme", maxLength: 6 }).map(encodeURIComponent),
    fc.webSegment(),
    fc.integer({ min: 100, max: 6000 }).map((length) => "a".repeat(length)),
  );
  const whole = fc.constantFrom(...SERVED.map(([, path]) => path.split("?")[0] ?? ""));
  // A served path with something in front, behind or inside of it.
  const bent = fc
    .tuple(
      whole,
      fc.nat({ max: 60 }),
      fc.constantFrom("/", "//", "/..", "/.", "%2f", "%2e", "\\", ";", "%", "é", "A"),
    )
    .map(([path, at, what]) => path.slice(0, at) + encodeURI(what).replace("%25", "%") + path.slice(at));
  return fc
    .oneof(
      fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => `/${pieces.join("/")}`),
      bent.filter((path) => path.startsWith("/")),
    )
    .filter((path) => path !== "/healthz" && path !== "/readyz");
}

test("any number of models is served, each at its own path", async () => {
  for (let index = 0; index < 250; index++) {
    upstream.reset();
    const path = `/google-ai-studio/v1beta/models/model-${index}:generateContent`;
    expect((await worker.send(path, { headers: bearer() })).status).toBe(200);
    expect(upstream.only.url).toContain(`/models/model-${index}:generateContent`);
  }
});
