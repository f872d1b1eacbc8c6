import { bearer, isObject } from "../http/message";
import { chatCompletion } from "./chat-completions";
import { lostSignature, toolTurn } from "./gemini-tools";
import { type FakeProvider, ProviderError, type ProviderReply } from "./provider";

/** Chat completions with its own touches: comments in front of a stream, the upstream's name in each chunk. */
export const openrouter: FakeProvider = {
  slug: "openrouter",
  endpoints: [
    {
      method: "POST",
      path: /^\/api\/v1\/chat\/completions$/,
      handle: (call) =>
        chatCompletion(openrouter, call, {
          preamble: [": OPENROUTER PROCESSING\n\n"],
          extra: { provider: "Local" },
          alwaysUsage: true,
          ...(isGemini(call.body) ? { check: refuseLostSignature, toolTurn } : {}),
        }),
    },
    // The catalogue is public.
    {
      method: "GET",
      path: /^\/api\/v1\/models$/,
      open: true,
      handle: () => ({ status: 200, json: { data: MODELS.map(model) } }),
    },
    // About the key that it is asked with.
    {
      method: "GET",
      path: /^\/api\/v1\/key$/,
      handle: () => ({ status: 200, json: { data: { label: "local", limit: null, usage: 0 } } }),
    },
  ],
  keyOf: ({ authorization }) => bearer(authorization),
  refusal: (verdict) => failure(401, verdict === "none" ? "No auth credentials found" : "User not found."),
  notFound: () => failure(404, "Not Found"),
  badRequest: (message) => failure(400, message),
};

const MODELS = ["openrouter/auto", "anthropic/claude-sonnet-4.5", "moonshotai/kimi-k2.6"];

function isGemini(body: unknown): boolean {
  return isObject(body) && String(body.model).startsWith("google/gemini-");
}

/** The upstream's own refusal, as OpenRouter wraps it. */
function refuseLostSignature(body: unknown): void {
  const raw = lostSignature(body);
  if (raw === undefined) return;
  const metadata = { raw, provider_name: "Google AI Studio" };
  throw new ProviderError({
    status: 400,
    json: { error: { message: "Provider returned error", code: 400, metadata } },
  });
}

function failure(code: number, message: string): ProviderReply {
  return { status: code, json: { error: { message, code } } };
}

function model(id: string) {
  return {
    id,
    canonical_slug: id,
    name: id,
    created: 1_767_225_600,
    context_length: 200_000,
    architecture: { input_modalities: ["text"], output_modalities: ["text"], tokenizer: "Other" },
    pricing: { prompt: "0.000001", completion: "0.000002" },
    supported_parameters: ["max_tokens", "tools"],
  };
}
