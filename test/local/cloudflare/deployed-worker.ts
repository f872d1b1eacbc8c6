import { createHash } from "node:crypto";
import { bundleWorker } from "../../../infra/cloudflare/worker-bundle";
import { GATEWAY_ENDPOINTS } from "../../../infra/llm-providers";
import {
  COMPATIBILITY_DATE,
  COMPATIBILITY_FLAGS,
  keyBinding,
  type WorkerSettings,
} from "../../../infra/worker/bindings";
import type { LocalCloudflare } from "../../../scripts/local/cloudflare";
import { createGateway, createToken, sdk, upload } from "./support";

export interface DeployOptions {
  /** The provider keys that the Worker gets, by slug. */
  providerKeys: Readonly<Record<string, string>>;
  /** Names of the hosts that it accepts. Default: `vps1`. */
  hosts?: readonly string[];
  settings?: WorkerSettings;
  /** Requests of each host in a minute. Default: no such binding. */
  requestsPerMinute?: number;
}

export interface DeployedWorker {
  url: string;
  gatewayId: string;
  /** Token of each host. */
  hostTokens: Readonly<Record<string, string>>;
}

/** The Worker that the stack deploys, with every provider enabled, uploaded as the stack uploads it. */
export async function deployWorker(
  cloudflare: LocalCloudflare,
  script: string,
  options: DeployOptions,
): Promise<DeployedWorker> {
  const { accountId, gatewayUrl } = cloudflare;
  const gatewayId = await createGateway(cloudflare, script);
  const { value } = await createToken(cloudflare, "AI Gateway Run", "Workers AI Read");
  const hostTokens = Object.fromEntries(
    (options.hosts ?? ["vps1"]).map((host) => [host, `ocg_${sha256(`${script}/${host}`).slice(0, 48)}`]),
  );
  const text = {
    ACCOUNT_ID: accountId,
    GATEWAY_ID: gatewayId,
    GATEWAY_URL: gatewayUrl,
    PROVIDERS: JSON.stringify(GATEWAY_ENDPOINTS.map(({ slug }) => slug).sort()),
    SETTINGS: JSON.stringify(options.settings ?? {}),
  };
  const secrets = {
    RUN_TOKEN: value,
    HOST_TOKENS: JSON.stringify(
      Object.entries(hostTokens).map(([host, token]) => ({ host, generation: 1, sha256: sha256(token) })),
    ),
    ...Object.fromEntries(Object.entries(options.providerKeys).map(([slug, key]) => [keyBinding(slug), key])),
  };
  const answer = await upload(cloudflare, script, bundleWorker(), {
    compatibility_date: COMPATIBILITY_DATE,
    compatibility_flags: COMPATIBILITY_FLAGS,
    bindings: [
      ...Object.entries(text).map(([name, value]) => ({ name, type: "plain_text", text: value })),
      ...Object.entries(secrets).map(([name, value]) => ({ name, type: "secret_text", text: value })),
      ...rateLimit(options.requestsPerMinute),
    ],
  });
  if (!answer.ok) throw new Error(`the upload of ${script} was refused: ${await answer.text()}`);
  await sdk(cloudflare).workers.scripts.subdomain.create(script, { account_id: accountId, enabled: true });
  return { url: cloudflare.workerUrl(script), gatewayId, hostTokens };
}

function rateLimit(limit: number | undefined) {
  if (limit === undefined) return [];
  return [{ name: "HOST_RATE_LIMIT", type: "ratelimit", namespace_id: "1", simple: { limit, period: 60 } }];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
