import type { ExportedStack } from "../../../../infra/stack-status";
import { type Deployment, deploymentOf } from "../../../../scripts/doctor/deployment";
import type { Settings } from "../../../../scripts/lib/operator-stack";
import { HOST, KEYS, PRIVATE_KEY, rawConfig } from "../../config/raw-config";

export const HOST_TOKEN = `ocg_${"a".repeat(48)}`;
export const RUN_TOKEN = "the-run-token";

/** As `pulumi stack export --show-secrets` writes a secret. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "x",
  plaintext: JSON.stringify(value),
});
const resource = (name: string) => `urn:pulumi:prod::openclaw-ai-gateway::a:type::${name}`;
const CONNECTION = {
  host: "127.0.0.1",
  port: 9,
  user: "root",
  hostKey: HOST.hostKey,
  privateKey: PRIVATE_KEY,
};

/** `pulumi config --json --show-secrets` of a right configuration. */
export function settings(values: Record<string, unknown> = {}, baseUrl?: string): Settings {
  const { values: all, apiToken } = rawConfig({
    providers: { anthropic: { apiKey: KEYS.anthropic }, openai: { apiKey: KEYS.openai } },
    hosts: [HOST],
    ...values,
  });
  const entries = Object.entries(all).map(([name, value]) => [
    `openclaw-ai-gateway:${name}`,
    typeof value === "string" ? { value } : { value: JSON.stringify(value), objectValue: value },
  ]);
  return {
    ...Object.fromEntries(entries),
    "cloudflare:apiToken": { value: apiToken ?? "" },
    ...(baseUrl === undefined ? {} : { "cloudflare:baseUrl": { value: baseUrl } }),
  };
}

/** The state of a stack that was applied. */
export function exported({
  workerUrl = "http://127.0.0.1:9",
  gatewayUrl = "http://127.0.0.1:9",
} = {}): ExportedStack {
  const openclawEnv = secret({
    vps1: { AI_GATEWAY_WORKER_URL: workerUrl, AI_GATEWAY_AUTH_TOKEN: HOST_TOKEN },
  });
  return {
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:prod::openclaw-ai-gateway::pulumi:pulumi:Stack::openclaw-ai-gateway-prod",
          outputs: { workerUrl, gatewayUrl, openclawEnv },
        },
        { urn: resource("run-token-trial"), inputs: { token: secret(RUN_TOKEN) } },
        {
          urn: resource("host-vps1-guard"),
          inputs: { connection: secret(CONNECTION), stdin: secret("old program\nhost dnBzMQ==\nend\n") },
        },
        {
          urn: resource("host-vps1-apply"),
          inputs: { stdin: secret("old program\nhost dnBzMQ==\nmodel bQ==\nend\n") },
        },
      ],
    },
  };
}

/** What doctor has of such a stack, with these addresses. */
export function deployment(
  at: { workerUrl?: string; gatewayUrl?: string; baseUrl?: string } = {},
): Deployment {
  return deploymentOf("prod", settings({}, at.baseUrl), exported(at));
}
