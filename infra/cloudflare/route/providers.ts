/**
 * The providers that a model node can name, by AI Gateway's slugs.
 * Source: https://developers.cloudflare.com/ai-gateway/usage/chat-completion/ (the providers of `/compat`, by which a
 * dynamic route is called) and the list of provider pages beside it.
 */

/** Providers that `/compat` serves. */
export const COMPAT_PROVIDERS: readonly string[] = [
  "anthropic",
  "baseten",
  "cerebras",
  "cohere",
  "deepseek",
  "google-ai-studio",
  "google-vertex-ai",
  "grok",
  "groq",
  "mistral",
  "openai",
  "parallel",
  "perplexity-ai",
  "workers-ai",
];

/** Providers of AI Gateway that `/compat` does not list. */
const OTHER_PROVIDERS: readonly string[] = [
  "aws-bedrock",
  "azure-openai",
  "cartesia",
  "deepgram",
  "elevenlabs",
  "fal",
  "huggingface",
  "ideogram",
  "openrouter",
  "replicate",
];

/** What a provider of the operator's own begins with. */
const CUSTOM = "custom-";

/** Names that people know these providers by. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  azure: "azure-openai",
  bedrock: "aws-bedrock",
  claude: "anthropic",
  cloudflare: "workers-ai",
  gemini: "google-ai-studio",
  google: "google-ai-studio",
  "hugging-face": "huggingface",
  mistralai: "mistral",
  perplexity: "perplexity-ai",
  vertex: "google-vertex-ai",
  "vertex-ai": "google-vertex-ai",
  "x-ai": "grok",
  xai: "grok",
};

const KNOWN: readonly string[] = [...COMPAT_PROVIDERS, ...OTHER_PROVIDERS];

/** Whether the gateway has a provider of this slug. */
export function isProviderSlug(slug: string): boolean {
  return KNOWN.includes(slug) || (slug.startsWith(CUSTOM) && slug.length > CUSTOM.length);
}

/** The slug that was probably meant. */
export function likelySlug(name: string): string | undefined {
  const plain = name.toLowerCase().replaceAll(/[\s_.]+/g, "-");
  if (KNOWN.includes(plain)) return plain;
  const known = OTHER_NAMES[plain];
  if (known !== undefined) return known;
  const [nearest] = KNOWN.map((slug) => ({ slug, distance: editDistance(plain, slug) })).sort(
    (a, b) => a.distance - b.distance,
  );
  return nearest !== undefined && nearest.distance <= 2 ? nearest.slug : undefined;
}

/** How many letters have to be put in, taken out or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
