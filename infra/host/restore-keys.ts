import type { LlmProvider } from "../llm-provider";

/** A provider, and the key that the stack has for it. */
export interface ProviderKey {
  readonly provider: Pick<LlmProvider, "keyPattern" | "keyEnvNames">;
  /** A secret. */
  readonly key: string;
}

/**
 * The field `restore-keys` of the host program's input: a line `key pattern names` for each key, by tabs. None of the
 * three holds one.
 */
export function restoreKeys(keys: readonly ProviderKey[]): string {
  return keys
    .map(({ provider, key }) =>
      [key, provider.keyPattern?.source ?? "", provider.keyEnvNames.join(" ")].join("\t"),
    )
    .join("\n");
}
