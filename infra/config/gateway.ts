import { z } from "zod";
import { origin } from "./address";
import { boolean, type Field, ORIGIN } from "./field";

/**
 * Everything that an AI Gateway can be set to, under the names that `cloudflare.AiGateway` has for it. Defaults are the
 * careful ones. Bounds are those of the official provider and SDK.
 */

/** Categories of harm, as Cloudflare numbers them: P1 prompt injection, S1 to S13 the hazards of Llama Guard 3. */
const CATEGORIES = ["p1", ...Array.from({ length: 13 }, (_, index) => `s${index + 1}`)] as const;

const action = z.enum(["FLAG", "BLOCK"]);
const names = z.array(z.string().min(1)).min(1);

const categories = z.strictObject(
  Object.fromEntries(CATEGORIES.map((category) => [category, action.optional()])),
);

const guardrails = z.strictObject({ prompt: categories.default({}), response: categories.default({}) });

const dlpPolicy = z.strictObject({
  id: z.string().min(1),
  action,
  checks: z.array(z.enum(["REQUEST", "RESPONSE"])).min(1),
  enabled: z.boolean().default(true),
  profiles: names,
});

/** The API takes either one action for some profiles, or policies, and not a mixture. */
const dlp = z
  .strictObject({
    enabled: z.boolean().default(true),
    action: action.optional(),
    profiles: names.optional(),
    policies: z.array(dlpPolicy).min(1).optional(),
  })
  .refine(
    ({ action, profiles, policies }) =>
      (policies === undefined) !== (action === undefined && profiles === undefined),
    {
      message: "needs either policies, or action and profiles",
    },
  )
  .refine(({ action, profiles }) => (action === undefined) === (profiles === undefined), {
    message: "action and profiles belong together",
  });

const otel = z.strictObject({
  url: z.url({ protocol: /^https$/ }),
  headers: z.record(z.string(), z.string()).default({}),
  authorization: z.string().min(1).optional(),
  contentType: z.enum(["json", "protobuf"]).default("json"),
});

const filter = z.strictObject({ mode: z.literal("filter").default("filter"), values: names });
const metadata = z.union([z.strictObject({ mode: z.literal("partition") }), filter]);

const spendRule = z.strictObject({
  // The provider's own default is one constant, so that two rules without an id would be one.
  id: z.string().regex(/^[\w-]{1,64}$/),
  limit: z.number().positive(),
  limitType: z.literal("cost").default("cost"),
  window: z.int().positive(),
  technique: z.enum(["fixed", "sliding"]).default("sliding"),
  enabled: z.boolean().default(true),
  model: filter.optional(),
  aiGatewayProvider: filter.optional(),
  metadata: z.record(z.string().min(1), metadata).optional(),
});

const spendLimits = z
  .strictObject({ enabled: z.boolean().default(true), rules: z.array(spendRule).default([]) })
  .superRefine(({ rules }, context) => {
    rules.forEach(({ id }, index) => {
      const first = rules.findIndex((rule) => rule.id === id);
      const message = `also the id of rules[${first}]`;
      if (first !== index) context.addIssue({ code: "custom", path: ["rules", index, "id"], message });
    });
  });

const stripe = z.strictObject({
  authorization: z.string().min(1),
  usageEvents: z.array(z.strictObject({ payload: z.string().min(1) })).min(1),
});

const rateLimit = z
  .strictObject({
    limit: z.int().min(0).default(0),
    interval: z.int().min(0).default(0),
    technique: z.enum(["fixed", "sliding"]).default("sliding"),
  })
  .refine(({ limit, interval }) => limit === 0 || interval > 0, {
    path: ["interval"],
    message: "a limit needs an interval",
  });

const retries = z.strictObject({
  maxAttempts: z.int().min(1).max(5),
  delay: z.int().min(0).max(60_000).default(1_000),
  backoff: z.enum(["constant", "linear", "exponential"]).default("exponential"),
});

export const gatewayId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

export const gateway = z
  .strictObject({
    id: gatewayId.optional(),
    url: origin.prefault("https://gateway.ai.cloudflare.com"),
    adopt: z.boolean().default(false),
    protect: z.boolean().default(false),
    /** Left out, what was there before the stack stays after it, and nothing else. */
    retainOnDelete: z.boolean().optional(),
    authentication: z.literal(true).default(true),
    byokOnly: z.boolean().default(true),
    cacheInvalidateOnUpdate: z.boolean().default(true),
    cacheTtl: z.int().min(0).default(0),
    collectLogs: z.boolean().default(true),
    dlp: dlp.optional(),
    guardrails: guardrails.optional(),
    logClassification: z.boolean().default(false),
    logManagement: z.int().min(10_000).max(10_000_000).default(100_000),
    logManagementStrategy: z.enum(["DELETE_OLDEST", "STOP_INSERTING"]).default("DELETE_OLDEST"),
    logpush: z.boolean().default(false),
    logpushPublicKey: z.string().min(1).optional(),
    otels: z.array(otel).default([]),
    rateLimit: rateLimit.prefault({}),
    retries: retries.optional(),
    spendLimits: spendLimits.default({ enabled: false, rules: [] }),
    stripe: stripe.optional(),
    workersAiBillingMode: z.enum(["postpaid", "unified"]).default("postpaid"),
    zdr: z.boolean().default(false),
  })
  .refine(({ logpush, logpushPublicKey }) => logpush || logpushPublicKey === undefined, {
    path: ["logpushPublicKey"],
    message: "only logpush uses it, and that is off",
  });

export type GatewayInput = z.output<typeof gateway>;

const harm: Field = { allowed: "FLAG or BLOCK; left out, the category is not looked for", example: "FLAG" };
const technique: Field = { allowed: "fixed or sliding", example: "sliding" };
const filterFields = (path: string): Record<string, Field> => ({
  [path]: { allowed: "an object with values", set: "values[0]" },
  [`${path}.mode`]: { allowed: "filter", example: "filter" },
  [`${path}.values`]: { allowed: "a list of names, at least one", set: "[0]" },
});

/** What the operator is told about each of these keys. */
export const GATEWAY_FIELDS: Readonly<Record<string, Field>> = {
  gateway: { allowed: "an object with the gateway's settings", set: "id" },
  "gateway.id": { allowed: "1 to 64 of a-z, 0-9 and '-', starting with a letter", example: "openclaw" },
  "gateway.url": {
    allowed: ORIGIN,
    example: "https://gateway.ai.cloudflare.com",
  },
  "gateway.adopt": boolean("true"),
  "gateway.protect": boolean("true"),
  "gateway.retainOnDelete": boolean("true"),
  "gateway.authentication": { allowed: "true: a gateway that anyone can use is never made", example: "true" },
  "gateway.byokOnly": boolean("true"),
  "gateway.cacheInvalidateOnUpdate": boolean("true"),
  "gateway.cacheTtl": { allowed: "seconds, 0 for no cache", example: "0" },
  "gateway.collectLogs": boolean("true"),
  "gateway.dlp": { allowed: "an object with either policies, or action and profiles", set: "profiles[0]" },
  "gateway.dlp.enabled": boolean("true"),
  "gateway.dlp.action": { allowed: "FLAG or BLOCK", example: "FLAG" },
  "gateway.dlp.profiles": { allowed: "a list of ids of DLP profiles", set: "[0]" },
  "gateway.dlp.policies": { allowed: "a list of policies", set: "[0].id" },
  "gateway.dlp.policies[]": {
    allowed: "an object with id, action, checks, enabled and profiles",
    set: "id",
  },
  "gateway.dlp.policies[].id": { allowed: "a name of its own for each policy", example: "keys" },
  "gateway.dlp.policies[].action": { allowed: "FLAG or BLOCK", example: "FLAG" },
  "gateway.dlp.policies[].checks": { allowed: "a list of REQUEST and RESPONSE", set: "[0]" },
  "gateway.dlp.policies[].enabled": boolean("true"),
  "gateway.dlp.policies[].profiles": { allowed: "a list of ids of DLP profiles", set: "[0]" },
  "gateway.guardrails": { allowed: "an object with prompt and response", set: "prompt.s1" },
  ...Object.fromEntries(
    ["prompt", "response"].flatMap((side): [string, Field][] => [
      [
        `gateway.guardrails.${side}`,
        { allowed: "an object with some of p1 and s1 to s13, each FLAG or BLOCK", set: "s1" },
      ],
      ...CATEGORIES.map((category): [string, Field] => [`gateway.guardrails.${side}.${category}`, harm]),
    ]),
  ),
  "gateway.logClassification": boolean("false"),
  "gateway.logManagement": { allowed: "10000 to 10000000 log entries", example: "100000" },
  "gateway.logManagementStrategy": { allowed: "DELETE_OLDEST or STOP_INSERTING", example: "DELETE_OLDEST" },
  "gateway.logpush": boolean("true"),
  "gateway.logpushPublicKey": {
    allowed: "a public key in PEM format, with which exported logs are encrypted",
    example: "-- <PEM>",
  },
  "gateway.otels": { allowed: "a list of OpenTelemetry receivers", set: "[0].url" },
  "gateway.otels[]": { allowed: "an object with url, headers, authorization and contentType", set: "url" },
  "gateway.otels[].url": { allowed: "an https address", example: "https://otel.example.com/v1/traces" },
  "gateway.otels[].headers": { allowed: "an object with texts", secret: true },
  "gateway.otels[].authorization": { allowed: "the receiver's credential", secret: true },
  "gateway.otels[].contentType": { allowed: "json or protobuf", example: "json" },
  "gateway.rateLimit": { allowed: "an object with limit, interval and technique", set: "limit" },
  "gateway.rateLimit.limit": { allowed: "requests per interval, 0 for no limit", example: "300" },
  "gateway.rateLimit.interval": { allowed: "seconds, above 0 when there is a limit", example: "60" },
  "gateway.rateLimit.technique": technique,
  "gateway.retries": { allowed: "an object with maxAttempts, delay and backoff", set: "maxAttempts" },
  "gateway.retries.maxAttempts": { allowed: "1 to 5", example: "3" },
  "gateway.retries.delay": { allowed: "0 to 60000 milliseconds", example: "1000" },
  "gateway.retries.backoff": { allowed: "constant, linear or exponential", example: "exponential" },
  "gateway.spendLimits": { allowed: "an object with enabled and rules", set: "rules[0].id" },
  "gateway.spendLimits.enabled": boolean("true"),
  "gateway.spendLimits.rules": { allowed: "a list of rules", set: "[0].id" },
  "gateway.spendLimits.rules[]": { allowed: "an object with id, limit and window", set: "id" },
  "gateway.spendLimits.rules[].id": { allowed: "a name of its own for each rule", example: "month" },
  "gateway.spendLimits.rules[].limit": { allowed: "US dollars per window, above 0", example: "50" },
  "gateway.spendLimits.rules[].limitType": { allowed: "cost", example: "cost" },
  "gateway.spendLimits.rules[].window": { allowed: "seconds, above 0", example: "2592000" },
  "gateway.spendLimits.rules[].technique": technique,
  "gateway.spendLimits.rules[].enabled": boolean("true"),
  ...filterFields("gateway.spendLimits.rules[].model"),
  ...filterFields("gateway.spendLimits.rules[].aiGatewayProvider"),
  "gateway.spendLimits.rules[].metadata": {
    allowed: "an object of metadata names, each with mode partition, or mode filter and values",
    set: "host.mode",
  },
  "gateway.stripe": { allowed: "an object with authorization and usageEvents", set: "authorization" },
  "gateway.stripe.authorization": { allowed: "a Stripe key", secret: true },
  "gateway.stripe.usageEvents": { allowed: "a list of objects with payload", set: "[0].payload" },
  "gateway.stripe.usageEvents[]": { allowed: "an object with payload", set: "payload" },
  "gateway.stripe.usageEvents[].payload": { allowed: "a JSON text", example: "'<JSON>'" },
  "gateway.workersAiBillingMode": { allowed: "postpaid or unified", example: "postpaid" },
  "gateway.zdr": boolean("false"),
};
