import type { Exchange, ProviderAnswer } from "./exchange";
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

/** The gateway has nothing to call this model with, or does not speak the provider's language here. */
export class NotCallable extends Error {}

/** Path of each provider's chat completions, for those that speak OpenAI's format. */
const CHAT_PATHS: Readonly<Record<string, string>> = {
  openai: "chat/completions",
  "workers-ai": "v1/chat/completions",
};

/**
 * Calls one model with a chat completion.
 *
 * Workers AI belongs to the account and takes a Cloudflare token with "Workers AI Read": the caller's own when it sends
 * one, else the gateway's token. Any other provider needs the caller's key: no keys are stored at the gateway, and it
 * has no unified billing.
 *
 * @param key value of the caller's `authorization` header.
 * @throws NotCallable, ProviderUnreachable
 */
export function callModel(
  exchange: Exchange,
  request: ChatRequest,
  choice: ModelChoice,
  patience: Patience,
  key?: string,
): Promise<ProviderAnswer> {
  const { provider, model } = choice;
  const path = CHAT_PATHS[provider];
  if (path === undefined) {
    throw new NotCallable(`${provider}: /compat serves ${Object.keys(CHAT_PATHS).join(", ")} here`);
  }
  const authorization = key ?? ownCredential(exchange, provider);
  if (authorization === undefined) {
    throw new NotCallable(
      `${provider}/${model}: no key is stored at the gateway, and it has no unified billing`,
    );
  }
  const { authorization: _sent, ...headers } = forwardedHeaders(exchange.headers);
  return callProvider(
    {
      url: upstreamUrl(exchange.plane.providersUrl, provider, path),
      method: "POST",
      headers: { ...headers, authorization },
      body: Buffer.from(JSON.stringify({ ...request.fields, model })),
      signal: exchange.signal,
    },
    patience,
  );
}

/** What the gateway itself can send. */
function ownCredential({ token }: Exchange, provider: string): string | undefined {
  return provider === "workers-ai" && token ? `Bearer ${token.value}` : undefined;
}
