import type { LlmProvider } from "../llm-provider";
import { builtInId } from "./openclaw-config";

/** A provider, and the key that the stack has for it. */
export interface ProviderKey {
  readonly provider: Pick<LlmProvider, "keyPattern" | "keyEnvNames" | "openclaw">;
  /** A secret. */
  readonly key: string;
}

/**
 * The field `restore-keys` of the host program's input: a line `key pattern names id` for each key, by tabs. None of the
 * four holds one. By the id OpenClaw itself knows the provider.
 */
export function restoreKeys(keys: readonly ProviderKey[]): string {
  return keys
    .map(({ provider, key }) =>
      [key, provider.keyPattern?.source ?? "", provider.keyEnvNames.join(" "), builtInId(provider)].join(
        "\t",
      ),
    )
    .join("\n");
}
