import { z } from "zod";

// Fields, bounds and words are those of the official SDK's request types. An update sends null for a field that was
// set before and no longer is; null means the default.

const guardrail = z.enum(["FLAG", "BLOCK"]).nullish();
const guardrails = z.strictObject(
  Object.fromEntries(
    ["P1", ...Array.from({ length: 13 }, (_, index) => `S${index + 1}`)].map((name) => [name, guardrail]),
  ),
);

const dlp = z.union([
  z.strictObject({
    action: z.enum(["BLOCK", "FLAG"]),
    enabled: z.boolean(),
    profiles: z.array(z.string()),
  }),
  z.strictObject({
    enabled: z.boolean(),
    policies: z.array(
      z.strictObject({
        id: z.string(),
        action: z.enum(["FLAG", "BLOCK"]),
        check: z.array(z.enum(["REQUEST", "RESPONSE"])),
        enabled: z.boolean(),
        profiles: z.array(z.string()),
      }),
    ),
  }),
]);

const otel = z.array(
  z.strictObject({
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    authorization: z.string().nullish(),
    content_type: z.enum(["json", "protobuf"]).nullish(),
  }),
);

const filter = z.strictObject({ mode: z.literal("filter"), values: z.array(z.string()) });

const spendLimits = z.strictObject({
  enabled: z.boolean().nullish(),
  rules: z
    .array(
      z.strictObject({
        id: z.string().nullish(),
        limit: z.number().min(0),
        limitType: z.literal("cost"),
        window: z.number().min(0),
        enabled: z.boolean().nullish(),
        technique: z.enum(["fixed", "sliding"]).nullish(),
        metadata: z
          .record(z.string(), z.union([z.strictObject({ mode: z.literal("partition") }), filter]))
          .nullish(),
        model: filter.nullish(),
        provider: filter.nullish(),
      }),
    )
    .nullish(),
});

const stripe = z.strictObject({
  authorization: z.string(),
  usage_events: z.array(z.strictObject({ payload: z.string() })),
});

const settings = {
  cache_invalidate_on_update: z.boolean(),
  cache_ttl: z.number().int().min(0).nullable(),
  collect_logs: z.boolean(),
  rate_limiting_interval: z.number().int().min(0).nullable(),
  rate_limiting_limit: z.number().int().min(0).nullable(),
  rate_limiting_technique: z.enum(["fixed", "sliding"]).nullish(),
  authentication: z.boolean().nullish(),
  byok_only: z.boolean().nullish(),
  dlp: dlp.nullish(),
  guardrails: z.strictObject({ prompt: guardrails, response: guardrails }).nullish(),
  log_classification: z.boolean().nullish(),
  log_management: z.number().int().min(10_000).max(10_000_000).nullish(),
  log_management_strategy: z.enum(["STOP_INSERTING", "DELETE_OLDEST"]).nullish(),
  logpush: z.boolean().nullish(),
  logpush_public_key: z.string().nullish(),
  otel: otel.nullish(),
  retry_backoff: z.enum(["constant", "linear", "exponential"]).nullish(),
  retry_delay: z.number().int().min(0).max(60_000).nullish(),
  retry_max_attempts: z.number().int().min(1).max(5).nullish(),
  spend_limits: spendLimits.nullish(),
  store_id: z.string().nullish(),
  stripe: stripe.nullish(),
  workers_ai_billing_mode: z.enum(["postpaid", "unified"]).nullish(),
  zdr: z.boolean().nullish(),
};

/** Form of an id: part of the gateway's URL, at most 64 characters. */
const gatewayId = z
  .string()
  .max(64)
  .regex(/^[a-z0-9_]+(-[a-z0-9_]+)*$/, "must be lower-case letters, digits, _ and single -");

export const newGateway = z.strictObject({ id: gatewayId, ...settings });

/** An update carries the id as well, although it is in the path. */
export const changedGateway = z.strictObject({ id: gatewayId.optional(), ...settings });

/** What a setting is when it is not given (or null). The rest default to null. */
export const DEFAULT_SETTINGS: Readonly<Record<string, unknown>> = {
  rate_limiting_technique: null,
  authentication: false,
  byok_only: false,
  dlp: null,
  guardrails: null,
  log_classification: false,
  log_management: null,
  log_management_strategy: null,
  logpush: false,
  logpush_public_key: null,
  otel: null,
  retry_backoff: null,
  retry_delay: null,
  retry_max_attempts: null,
  spend_limits: null,
  store_id: null,
  stripe: null,
  workers_ai_billing_mode: "postpaid",
  zdr: false,
};
