import type { LlmProvider } from "../../infra/llm-provider";
import { llmProvider } from "../../infra/llm-providers";

/** A provider of the table, and the key that the stack's configuration has for it. */
export interface ConfiguredKey {
  readonly provider: LlmProvider;
  /** A secret. */
  readonly key: string;
}

/** The keys under `providers`, decrypted. A provider that is described there has no key of a known shape. */
export function configuredKeys(providers: unknown): ConfiguredKey[] {
  return Object.entries((providers ?? {}) as Record<string, { apiKey?: unknown }>).flatMap(
    ([slug, entry]) => {
      const provider = llmProvider(slug);
      return provider === undefined || typeof entry.apiKey !== "string"
        ? []
        : [{ provider, key: entry.apiKey }];
    },
  );
}
