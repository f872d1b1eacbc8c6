import { isObject } from "../http/message";
import { vendorId } from "./answer";
import { openAiLike } from "./openai-like";
import { ProviderError, type ProviderReply } from "./provider";

/*
 * Vendors whose API is like OpenAI's, each with its own paths and errors. Bodies of 401, 400 and 422 are as users of
 * these APIs have reported them; what xAI, Mistral, DeepSeek and Cerebras answer to an unknown path, and xAI to a
 * request without a key, is a guess in their usual form.
 */

function json(status: number, body: unknown): ProviderReply {
  return { status, json: body };
}

/** The last characters of a wrong key, as DeepSeek shows them. */
function keyTail(key = ""): string {
  return `****${key.slice(-4)}`;
}

/** xAI. A wrong key is 400, not 401. */
export const grok = openAiLike({
  slug: "grok",
  basePath: "/v1",
  operations: ["chat", "responses", "embeddings", "models"],
  models: ["grok-4.3", "grok-4.7"],
  refusal: (verdict) =>
    verdict === "none"
      ? json(401, { code: "unauthenticated", error: "No API key was provided." })
      : json(400, {
          code: "invalid-argument",
          error: "Incorrect API key provided. You can obtain an API key from https://console.x.ai.",
        }),
  notFound: () => json(404, { code: "not-found", error: "The requested resource was not found." }),
  badRequest: (message) => json(400, { code: "invalid-argument", error: message }),
});

function groqFailure(status: number, message: string, code?: string): ProviderReply {
  return json(status, { error: { message, type: "invalid_request_error", ...(code ? { code } : {}) } });
}

/** Groq, whose API lies below `/openai`. */
export const groq = openAiLike({
  slug: "groq",
  basePath: "/openai/v1",
  operations: ["chat", "responses", "models"],
  models: ["openai/gpt-oss-120b", "openai/gpt-oss-20b"],
  refusal: () => groqFailure(401, "Invalid API Key", "invalid_api_key"),
  notFound: ({ method, path }) =>
    groqFailure(
      404,
      `Unknown request URL: ${method} ${path}. Please check the URL for typos, or see the docs at https://console.groq.com/docs/`,
      "unknown_url",
    ),
  badRequest: (message) => groqFailure(400, message),
});

function cerebrasFailure(
  status: number,
  message: string,
  type: string,
  param: string,
  code: string,
): ProviderReply {
  return json(status, { message, type, param, code });
}

/** Cerebras, whose errors have no `error` around them. */
export const cerebras = openAiLike({
  slug: "cerebras",
  basePath: "/v1",
  operations: ["chat", "models"],
  models: ["gpt-oss-120b", "gemma-4-31b"],
  refusal: () => cerebrasFailure(401, "Wrong API Key", "invalid_request_error", "api_key", "wrong_api_key"),
  notFound: ({ path }) => cerebrasFailure(404, `Not found: ${path}`, "not_found_error", "url", "not_found"),
  badRequest: (message, param = "") =>
    cerebrasFailure(400, message, "invalid_request_error", param, "wrong_api_format"),
});

/** Fields of a chat completion that Mistral knows (docs.mistral.ai/api/); any other one is refused. */
const MISTRAL_FIELDS = [
  ...["model", "messages", "stream", "max_tokens", "temperature", "top_p", "stop", "random_seed", "n"],
  ...["tools", "tool_choice", "parallel_tool_calls", "response_format", "presence_penalty"],
  ...["frequency_penalty", "prediction", "prompt_mode", "safe_prompt", "metadata", "reasoning_effort"],
];

function mistralFailure(detail: { type: string; loc: readonly string[]; msg: string }): ProviderReply {
  const message = { detail: [detail] };
  return json(422, { object: "error", message, type: "invalid_request_error", param: null, code: null });
}

/** Mistral refuses what it does not know: `max_completion_tokens` and `stream_options.include_usage` among it. */
function requireMistralFields(body: unknown): void {
  if (!isObject(body)) return;
  const extra = Object.keys(body).find((name) => !MISTRAL_FIELDS.includes(name));
  if (extra === undefined) return;
  const loc = ["body", extra, ...(extra === "stream_options" ? ["include_usage"] : [])];
  throw new ProviderError(
    mistralFailure({ type: "extra_forbidden", loc, msg: "Extra inputs are not permitted" }),
  );
}

export const mistral = openAiLike({
  slug: "mistral",
  basePath: "/v1",
  operations: ["chat", "embeddings", "models"],
  models: ["mistral-large-latest", "mistral-embed"],
  chat: { check: requireMistralFields, alwaysUsage: true },
  refusal: () => json(401, { detail: "Unauthorized" }),
  notFound: () => json(404, { detail: "Not Found" }),
  badRequest: (msg, param = "") => mistralFailure({ type: "missing", loc: ["body", param], msg }),
});

function deepseekFailure(status: number, message: string, type: string): ProviderReply {
  return json(status, { error: { message, type, param: null, code: "invalid_request_error" } });
}

export const deepseek = openAiLike({
  slug: "deepseek",
  basePath: "",
  operations: ["chat", "models"],
  models: ["deepseek-flash", "deepseek-v4-pro"],
  refusal: (verdict, key) =>
    deepseekFailure(
      401,
      verdict === "none"
        ? "Authentication Fails (auth header format should be Bearer sk-...)"
        : `Authentication Fails, Your api key: ${keyTail(key)} is invalid`,
      "authentication_error",
    ),
  notFound: ({ path }) => deepseekFailure(404, `Not found: ${path}`, "invalid_request_error"),
  badRequest: (message) => deepseekFailure(400, message, "invalid_request_error"),
});

function perplexityFailure(code: number, type: string, message: string): ProviderReply {
  return json(code, { error: { message, type, code } });
}

/** The end of a chat completion since September 2026. */
const chatEnded = () =>
  perplexityFailure(
    403,
    "chat_completions_not_available",
    "Sonar is now the Agent API. Use /v1/responses instead of /chat/completions.",
  );

/** A web search: ranked pages. */
function search(body: unknown): ProviderReply {
  const query = isObject(body) ? body.query : undefined;
  if (typeof query !== "string")
    throw new ProviderError(perplexity.badRequest("query: field required", "query"));
  const page = { title: query, url: "https://example.com/", snippet: `found: ${query}`, date: "2026-01-01" };
  return json(200, { id: vendorId(""), results: [page] });
}

/** Perplexity's Agent API speaks OpenAI's Responses, at `/v1/agent` and `/v1/responses`. */
export const perplexity = openAiLike({
  slug: "perplexity-ai",
  basePath: "/v1",
  operations: ["responses"],
  models: [],
  endpoints: [
    { method: "POST", path: /^\/chat\/completions$/, handle: chatEnded },
    { method: "POST", path: /^\/search$/, handle: ({ body }) => search(body) },
  ],
  responsesAlias: "/v1/agent",
  refusal: () =>
    perplexityFailure(
      401,
      "invalid_api_key",
      "Invalid API key provided. You can find your API key at https://console.perplexity.ai.",
    ),
  notFound: () => ({ status: 404, text: "" }),
  badRequest: (message) => perplexityFailure(400, "invalid_request", message),
});
