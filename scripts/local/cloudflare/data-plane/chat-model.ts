import type { KeySource } from "../types";
import type { Exchange, ProviderAnswer } from "./exchange";
import { gatewayErrors } from "./gateway-error";
import { gatewayKey, noCredential, wantedAlias, withKey } from "./gateway-key";
import { callProvider, type Patience } from "./provider-call";
import { forwardedHeaders, isServed, upstreamUrl } from "./provider-request";

/** A chat completion in OpenAI's format. */
export interface ChatRequest {
  model: string;
  stream: boolean;
  /** The whole body. */
  fields: Readonly<Record<string, unknown>>;
}

export interface ModelChoice {
  /** The gateway's slug of the provider. */
  provider: string;
  model: string;
}

/**
 * The providers behind `/compat`, as documented (OpenRouter is not among them), each with the path at which it takes
 * OpenAI's format itself: the real gateway translates for those that speak another one.
 */
const CHAT_PATHS: Readonly<Record<string, string>> = {
  anthropic: "v1/chat/completions",
  cerebras: "chat/completions",
  cohere: "compatibility/v1/chat/completions",
  deepseek: "chat/completions",
  "google-ai-studio": "v1beta/openai/chat/completions",
  grok: "v1/chat/completions",
  groq: "chat/completions",
  mistral: "v1/chat/completions",
  openai: "chat/completions",
  "perplexity-ai": "chat/completions",
  "workers-ai": "v1/chat/completions",
};

/**
 * Calls one model with a chat completion.
 *
 * Workers AI belongs to the account and takes a Cloudflare token with "Workers AI Read": the caller's own when it sends
 * one, else the gateway's token. Any other provider needs the caller's key, a stored one, or Unified Billing.
 *
 * @param sent the caller's own key.
 * @throws GatewayError (2008 for a provider that `/compat` does not serve here, 2040 without a key), ProviderUnreachable
 */
export async function callModel(
  exchange: Exchange,
  request: ChatRequest,
  choice: ModelChoice,
  patience: Patience,
  sent?: string,
): Promise<{ answer: ProviderAnswer; keySource: KeySource }> {
  const { provider, model } = choice;
  const path = CHAT_PATHS[provider];
  if (path === undefined || !isServed(provider)) {
    exchange.plane.log(`gateway: ${provider} is not among the providers that /compat serves here`);
    throw gatewayErrors.invalidProvider();
  }
  const { key, keySource } = credential(exchange, provider, sent);
  const answer = await callProvider(
    {
      url: upstreamUrl(exchange.plane.providersUrl, provider, path),
      method: "POST",
      headers: withKey(forwardedHeaders(exchange.headers), provider, key),
      body: Buffer.from(JSON.stringify({ ...request.fields, model })),
      signal: exchange.signal,
    },
    patience,
  );
  return { answer, keySource };
}

function credential(
  exchange: Exchange,
  provider: string,
  sent: string | undefined,
): { key: string; keySource: KeySource } {
  if (sent !== undefined && wantedAlias(exchange.headers) === undefined) {
    return { key: sent, keySource: "request" };
  }
  const own = gatewayKey(exchange, provider);
  if (own) return { key: own.value, keySource: own.source };
  if (provider === "workers-ai" && exchange.token) {
    return { key: exchange.token.value, keySource: "run-token" };
  }
  throw noCredential(exchange, provider);
}
