/** Id of the account when none is given. */
export const DEFAULT_ACCOUNT_ID = "10ca1000000000000000000000000acc";

/**
 * The deploying token when none is given. The official provider takes a token only when it is 40 to 80 characters of
 * this set. It opens nothing but a server on this machine.
 */
export const DEFAULT_API_TOKEN = "local-cloudflare-deploy-token-00000000001";

/** Permission groups of the deploying token when none are given: what the stack needs, and no more. */
export const DEFAULT_PERMISSIONS: readonly string[] = [
  "AI Gateway Read",
  "AI Gateway Write",
  "Account API Tokens Read",
  "Account API Tokens Write",
  "Secrets Store Write",
  "Workers Scripts Write",
];

/** The account's zones when none are given. */
export const DEFAULT_ZONES: readonly string[] = ["example.com"];

/** The account's workers.dev name when none is given. */
export const DEFAULT_WORKERS_SUBDOMAIN = "local";

/** Ports of `npm run local`, where configuration written once has to find it again. Tests let the system choose. */
export const LOCAL_PORTS = { api: 8780, gateway: 8781, providers: 8782, worker: 8783 } as const;

/** Keys that the fake providers of `npm run local` accept, by slug: the form of real ones, and no secret. */
export const LOCAL_PROVIDER_KEYS: Readonly<Record<string, string>> = {
  anthropic: `sk-ant-local-${"0".repeat(24)}`,
  cerebras: `csk-local${"0".repeat(24)}`,
  cohere: `cohere-local-${"0".repeat(24)}`,
  deepseek: `sk-${"0".repeat(32)}`,
  "google-ai-studio": `AIza${"0".repeat(35)}`,
  grok: `xai-local${"0".repeat(24)}`,
  groq: `gsk_local${"0".repeat(24)}`,
  mistral: `mistral-local-${"0".repeat(24)}`,
  openai: `sk-proj-local-${"0".repeat(24)}`,
  openrouter: `sk-or-local-${"0".repeat(24)}`,
  "perplexity-ai": `pplx-local${"0".repeat(24)}`,
};
