import { getPath, type JsonObject } from "./json";
import type { Literal } from "./key-search";

/**
 * Web searches of OpenClaw 2026.9 that take a provider's key from the environment. Gemini is not among them: without
 * `GEMINI_API_KEY` it uses `models.providers.google`, which is the Worker then.
 */
const KEY_NAMES: Readonly<Record<string, readonly string[]>> = {
  grok: ["XAI_API_KEY"],
  kimi: ["KIMI_API_KEY", "MOONSHOT_API_KEY"],
  minimax: ["MINIMAX_API_KEY"],
  perplexity: ["PERPLEXITY_API_KEY", "OPENROUTER_API_KEY"],
};

/** What the operator is told about settings beside the models that have no key after the change. */
export function lostKeys(
  config: JsonObject,
  takenNames: ReadonlySet<string>,
  literals: readonly Literal[],
): string[] {
  const chosen = getPath(config, ["tools", "web", "search", "provider"]);
  const searches = Object.entries(KEY_NAMES)
    .filter(([search]) => chosen === undefined || chosen === search)
    .flatMap(([search, names]) => names.filter((name) => takenNames.has(name)).map((name) => [search, name]))
    .map(([search, name]) => `web search ${search} loses its key ${name}; give it one of its own`);
  const settings = literals
    .map(({ path }) => path.join("."))
    .filter((path) => !/^(models\.providers|env)\./.test(path))
    .map((path) => `${whatUses(path)} loses its key ${path}; give it one of another provider`);
  return [...searches, ...settings];
}

function whatUses(path: string): string {
  if (/(^|\.)(webSearch|web\.search)\./.test(path)) return "web search";
  return /(^|\.)memorySearch\./.test(path) ? "memory search" : "a setting";
}
