import type { IncomingHttpHeaders } from "node:http";
import { type Exchange, numberHeader, numberSetting } from "./exchange";
import type { Patience } from "./provider-call";

/** Provider slugs that are served here, with what the gateway puts before the rest of the path. */
const UPSTREAM: Readonly<Record<string, (path: string) => string>> = {
  anthropic: (path) => path,
  // The slug stands for https://api.cerebras.ai/v1.
  cerebras: (path) => `v1/${path}`,
  cohere: (path) => path,
  deepseek: (path) => path,
  "google-ai-studio": (path) => path,
  grok: (path) => path,
  // The slug stands for https://api.groq.com/openai/v1.
  groq: (path) => `openai/v1/${path}`,
  mistral: (path) => path,
  // The slug stands for https://api.openai.com/v1; a path that says v1 once more is served as well.
  openai: (path) => `v1/${path.replace(/^v1\//, "")}`,
  // The slug stands for https://openrouter.ai/api; the path with and without v1 is documented.
  openrouter: (path) => `api/v1/${path.replace(/^v1\//, "")}`,
  "perplexity-ai": (path) => path,
  "workers-ai": (path) => path,
};

export function isServed(slug: string): boolean {
  return slug in UPSTREAM;
}

/** Where a provider's path is at the fake providers. */
export function upstreamUrl(origin: string, slug: string, path: string, query = ""): string {
  const map = UPSTREAM[slug];
  if (!map) throw new Error(`no fake provider for ${slug}`);
  return `${origin}/${slug}/${map(path)}${query}`;
}

/** Headers between two hops (RFC 9110, 7.6.1), and those that are made anew. */
const NOT_FORWARDED = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers for the provider: no header of one hop, and nothing meant for Cloudflare (`cf-aig-authorization` …). */
export function forwardedHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NOT_FORWARDED.has(name) && !name.startsWith("cf-")),
  );
}

/** How the gateway tries a provider: the request's own headers win over the gateway's settings. */
export function patienceOf({ headers, gateway }: Exchange): Patience {
  const timeout = numberHeader(headers, "cf-aig-request-timeout");
  const backoff = headers["cf-aig-backoff"] ?? gateway.settings.retry_backoff;
  return {
    attempts: Math.min(
      numberHeader(headers, "cf-aig-max-attempts") ?? numberSetting(gateway, "retry_max_attempts") ?? 1,
      5,
    ),
    delay: numberHeader(headers, "cf-aig-retry-delay") ?? numberSetting(gateway, "retry_delay") ?? 0,
    backoff: backoff === "linear" || backoff === "exponential" ? backoff : "constant",
    ...(timeout === undefined ? {} : { timeout }),
  };
}
