import type { LlmProvider } from "../../infra/llm-providers";

/** The smallest request that a model of a provider answers. */
export interface InferenceRequest {
  /** Path at the Worker. */
  readonly path: string;
  readonly model: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const PROMPT = "Reply with: ok";
/** The least that OpenAI's Responses take. */
const MAX_TOKENS = 16;

/** Undefined when no model of the provider is known. */
export function inferenceRequest({ slug, inference, openclaw, routes, pathPrefixes }: LlmProvider) {
  const listed = openclaw.models?.[0]?.id;
  const chat = routes.includes("POST /chat/completions") ? `${pathPrefixes[0]}/chat/completions` : undefined;
  const path = inference?.path ?? chat;
  const model = inference?.model ?? listed;
  return path === undefined || model === undefined ? undefined : requestTo(slug, path, model);
}

/** A request to a model of the gateway's own OpenAI-like endpoint, such as a dynamic route. */
export function compatRequest(model: string): InferenceRequest {
  return requestTo("compat", "/chat/completions", model);
}

function requestTo(slug: string, path: string, model: string): InferenceRequest {
  return {
    path: `/${slug}${path.replace("{model}", model)}`,
    model,
    body: bodyFor(path, model),
    headers: path.endsWith("/messages") ? { "anthropic-version": "2023-06-01" } : {},
  };
}

/** Each API family has its own names for a prompt and a limit. */
function bodyFor(path: string, model: string): unknown {
  if (path.endsWith(":generateContent")) {
    return { contents: [{ parts: [{ text: PROMPT }] }], generationConfig: { maxOutputTokens: MAX_TOKENS } };
  }
  if (path.endsWith("/responses")) return { model, input: PROMPT, max_output_tokens: MAX_TOKENS };
  return { model, messages: [{ role: "user", content: PROMPT }], max_tokens: MAX_TOKENS };
}
