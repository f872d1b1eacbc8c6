import type { ContainerVariable } from ".";

interface LegacyVariable extends ContainerVariable {
  /** Host of the vendor that OpenClaw 2026.9.6 sends this key to, because no variable leads it elsewhere. */
  readonly vendorHost?: string;
}

/**
 * `openclaw.env: legacy`: the environment of set-ups from before `models.providers`, every key the host token and every
 * base URL the Worker's. Of the two base URLs OpenClaw 2026.9.6 follows `OPENAI_BASE_URL` alone.
 */
export const LEGACY_VARIABLES: readonly LegacyVariable[] = [
  { name: "ANTHROPIC_API_KEY", value: "token", vendorHost: "api.anthropic.com" },
  { name: "ANTHROPIC_BASE_URL", value: "url" },
  { name: "OPENAI_API_KEY", value: "token" },
  { name: "OPENAI_BASE_URL", value: "url" },
  { name: "GOOGLE_API_KEY", value: "token", vendorHost: "generativelanguage.googleapis.com" },
  { name: "XAI_API_KEY", value: "token", vendorHost: "api.x.ai" },
  { name: "GROQ_API_KEY", value: "token", vendorHost: "api.groq.com" },
  { name: "CEREBRAS_API_KEY", value: "token", vendorHost: "api.cerebras.ai" },
  { name: "MISTRAL_API_KEY", value: "token", vendorHost: "api.mistral.ai" },
  { name: "OPENROUTER_API_KEY", value: "token", vendorHost: "openrouter.ai" },
];

/** What preview and `up` say about it. */
export function legacyWarning(): string {
  const hosts = LEGACY_VARIABLES.flatMap(({ vendorHost }) => vendorHost ?? []);
  return (
    "openclaw.env is legacy: OpenClaw 2026.9.6 takes the Worker's address for OpenAI alone from its environment. " +
    `With any other provider's models it sends the host token to ${hosts.join(", ")}. Use openclaw.env: config.`
  );
}
