import type { ParsedConfig } from "../config/parse";

type Settings = Omit<ParsedConfig["gateway"], "otels" | "stripe">;

/**
 * What the gateway is set to, under the names of `cloudflare.AiGateway`; the destinations with credentials of their own
 * (`otels`, `stripe`) and the Secrets Store aside.
 *
 * Every setting is sent: an update replaces the whole object, and one that is left out falls back to whatever the API
 * takes for granted, which has turned settings off without a word (terraform-provider-cloudflare issue 7336).
 *
 * `dlp`, `guardrails`, the retries and `logpushPublicKey` have no value that means "off". They are off when they are
 * absent: the provider sends `null` for what was set before and is no longer, whether the stack had set it or a refresh
 * found it.
 */
export function gatewaySettings(settings: Settings) {
  return {
    authentication: settings.authentication,
    // Without it a request that carries no provider key would be paid from the account's credits.
    byokOnly: settings.byokOnly,
    cacheInvalidateOnUpdate: settings.cacheInvalidateOnUpdate,
    cacheTtl: settings.cacheTtl,
    collectLogs: settings.collectLogs,
    logClassification: settings.logClassification,
    logManagement: settings.logManagement,
    logManagementStrategy: settings.logManagementStrategy,
    logpush: settings.logpush,
    rateLimitingInterval: settings.rateLimit.interval,
    rateLimitingLimit: settings.rateLimit.limit,
    rateLimitingTechnique: settings.rateLimit.technique,
    spendLimits: settings.spendLimits,
    workersAiBillingMode: settings.workersAiBillingMode,
    zdr: settings.zdr,
    ...withoutOff(settings),
  };
}

/** What can only be left out to turn it off. */
export const WITHOUT_OFF = [
  "dlp",
  "guardrails",
  "logpushPublicKey",
  "retryMaxAttempts",
  "retryDelay",
  "retryBackoff",
] as const;

function withoutOff({ dlp, guardrails, logpushPublicKey, retries }: Settings) {
  return {
    ...(dlp === undefined ? {} : { dlp }),
    ...(guardrails === undefined ? {} : { guardrails }),
    ...(logpushPublicKey === undefined ? {} : { logpushPublicKey }),
    ...(retries === undefined
      ? {}
      : { retryMaxAttempts: retries.maxAttempts, retryDelay: retries.delay, retryBackoff: retries.backoff }),
  };
}
