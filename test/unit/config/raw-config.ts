import type { RawConfig } from "../../../infra/config/parse";

/** Keys with the shape of real ones. */
export const KEYS = {
  anthropic: `sk-ant-api03-${"a".repeat(40)}`,
  openai: `sk-proj-${"b".repeat(40)}`,
  "google-ai-studio": `AIza${"c".repeat(35)}`,
  openrouter: `sk-or-v1-${"d".repeat(40)}`,
};

export const PRIVATE_KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n";

/** A host with everything that has no default. */
export const HOST = {
  name: "vps1",
  address: "203.0.113.7",
  privateKey: PRIVATE_KEY,
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGrhhTmZ6TBz8jIaWLjWzTj0oTR3Ph+Ce3UFVHb8Zr8g",
  directory: "/opt/openclaw",
};

/** A configuration that is right, with some keys replaced. */
export function rawConfig(values: Record<string, unknown> = {}, rest: Partial<RawConfig> = {}): RawConfig {
  return {
    project: "openclaw-ai-gateway",
    stack: "test",
    values: { accountId: "0123456789abcdef0123456789abcdef", ...values },
    apiToken: "a".repeat(40),
    baseUrl: undefined,
    ...rest,
  };
}
