import type { KeySource } from "../types";
import type { Exchange, ProviderAnswer } from "./exchange";
import { gatewayErrors } from "./gateway-error";
import { gatewayKey, noCredential, wantedAlias } from "./gateway-key";
import { callProvider, type Patience } from "./provider-call";
import { forwardedHeaders, upstreamUrl } from "./provider-request";

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

/** Path of each provider's chat completions, for those that speak OpenAI's format. */
const CHAT_PATHS: Readonly<Record<string, string>> = {
  openai: "chat/completions",
  "workers-ai": "v1/chat/completions",
};

/**
 * Calls one model with a chat completion.
 *
 * Workers AI belongs to the account and takes a Cloudflare token with "Workers AI Read": the caller's own when it sends
 * one, else the gateway's token. Any other provider needs the caller's key, a stored one, or Unified Billing.
 *
 * @param sent value of the caller's `authorization` header.
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
  if (path === undefined) {
    exchange.plane.log(`gateway: /compat serves ${Object.keys(CHAT_PATHS).join(", ")} here, not ${provider}`);
    throw gatewayErrors.invalidProvider();
  }
  const { authorization, keySource } = credential(exchange, provider, sent);
  const { authorization: _sent, ...headers } = forwardedHeaders(exchange.headers);
  const answer = await callProvider(
    {
      url: upstreamUrl(exchange.plane.providersUrl, provider, path),
      method: "POST",
      headers: { ...headers, authorization },
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
): { authorization: string; keySource: KeySource } {
  if (sent !== undefined && wantedAlias(exchange.headers) === undefined) {
    return { authorization: sent, keySource: "request" };
  }
  const key = gatewayKey(exchange, provider);
  if (key) return { authorization: `Bearer ${key.value}`, keySource: key.source };
  if (provider === "workers-ai" && exchange.token) {
    return { authorization: `Bearer ${exchange.token.value}`, keySource: "run-token" };
  }
  throw noCredential(exchange, provider);
}
