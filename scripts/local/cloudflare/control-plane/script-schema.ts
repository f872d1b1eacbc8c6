import { z } from "zod";

/** Documented limit of a text binding, plain or secret. */
const MAX_TEXT_BYTES = 5 * 1024;

const name = z.string().regex(/^[A-Za-z_$][\w$]*$/, "must be a JavaScript identifier");
const text = z
  .string()
  .refine((value) => Buffer.byteLength(value) <= MAX_TEXT_BYTES, `must be at most ${MAX_TEXT_BYTES} bytes`);

/** The binding types that the stack uploads. */
const binding = z.discriminatedUnion("type", [
  z.strictObject({ name, type: z.literal("plain_text"), text }),
  z.strictObject({ name, type: z.literal("secret_text"), text }),
  z.strictObject({ name, type: z.literal("json"), json: z.unknown() }),
  z.strictObject({
    name,
    type: z.literal("ratelimit"),
    namespace_id: z.string().regex(/^\d+$/, "must be a whole number as a string"),
    simple: z.strictObject({
      limit: z.int().positive(),
      period: z.union([z.literal(10), z.literal(60)], "must be 10 or 60"),
    }),
  }),
]);

const anything = z.unknown().optional();

/** `metadata` of an upload. Module syntax alone: `body_part`, the older syntax, is refused as unknown. */
export const scriptMetadata = z.strictObject({
  main_module: z.string().min(1),
  bindings: z
    .array(binding)
    .default([])
    .refine((list) => new Set(list.map((one) => one.name)).size === list.length, "names must be unique"),
  compatibility_date: z.iso.date(),
  compatibility_flags: z.array(z.string()).nullish(),
  keep_bindings: z.array(z.string()).nullish(),
  // Stored and shown again; nothing here acts on them.
  limits: anything,
  logpush: z.boolean().nullish(),
  observability: anything,
  placement: anything,
  tail_consumers: anything,
  tags: anything,
  annotations: anything,
  usage_model: z.string().nullish(),
});

export type ScriptMetadata = z.output<typeof scriptMetadata>;

export const subdomainBody = z.strictObject({
  enabled: z.boolean(),
  previews_enabled: z.boolean().nullish(),
});

/** A custom domain. The zone may be named by id, by name, or not at all. */
export const domainBody = z.strictObject({
  hostname: z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "must be a hostname"),
  service: z.string().min(1),
  environment: z.string().nullish(),
  zone_id: z.string().nullish(),
  zone_name: z.string().nullish(),
});

export const accountSubdomainBody = z.strictObject({
  subdomain: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
});
