import { openAiLike } from "./openai-like";
import type { ProviderReply } from "./provider";

/** Responses, chat completions, embeddings, models. */
export const openai = openAiLike({
  slug: "openai",
  basePath: "/v1",
  operations: ["responses", "chat", "embeddings", "models"],
  models: ["gpt-5.4", "gpt-5-mini", "text-embedding-3-small"],
  refusal: (verdict, key) =>
    verdict === "none"
      ? failure(401, "You didn't provide an API key.", null, null)
      : failure(401, `Incorrect API key provided: ${masked(key)}.`, null, "invalid_api_key"),
  notFound: ({ method, path }) => failure(404, `Invalid URL (${method} ${path})`, null, null),
  badRequest: (message, param) => failure(400, message, param ?? null, null),
});

function failure(status: number, message: string, param: string | null, code: string | null): ProviderReply {
  return { status, json: { error: { message, type: "invalid_request_error", param, code } } };
}

/** As the real one shows a wrong key: the first and the last four characters. */
function masked(key = ""): string {
  return key.length > 12 ? `${key.slice(0, 4)}****${key.slice(-4)}` : "****";
}
