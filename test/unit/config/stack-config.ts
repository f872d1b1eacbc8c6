import * as pulumi from "@pulumi/pulumi";
import { loadConfig, type StackConfig } from "../../../infra/config";

/** The configuration as the program has it, from some keys of this project. Only under Pulumi's mocks. */
export function stackConfig(values: Record<string, unknown> = {}): StackConfig {
  const set = { accountId: "0123456789abcdef0123456789abcdef", ...values };
  const entries = Object.entries(set).map(([name, value]) => [
    `openclaw-ai-gateway:${name}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({ ...Object.fromEntries(entries), "cloudflare:apiToken": "t".repeat(40) });
  return loadConfig();
}
