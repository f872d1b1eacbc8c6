import { z } from "zod";
import type { SecretScope } from "../store/records";

/** Documented limit of a value. */
const MAX_VALUE_BYTES = 64 * 1024;

/** Services that may use a secret, in the order in which the API wants them. */
const SCOPES = ["access", "ai_gateway", "dex", "workers"] as const satisfies readonly SecretScope[];

const value = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MAX_VALUE_BYTES, `must be at most ${MAX_VALUE_BYTES} bytes`);

const scopes = z
  .array(z.enum(SCOPES))
  .min(1)
  .refine(
    (list) => list.every((scope, index) => index === 0 || scope > (list[index - 1] ?? "")),
    "must be in alphabetical order, each once",
  );

const comment = z.string().nullish();

export const newStore = z.strictObject({ name: z.string().min(1).max(255) });

/** Secrets are created several at a time. */
export const newSecrets = z
  .array(z.strictObject({ name: z.string().regex(/^\S+$/, "no spaces").max(255), value, scopes, comment }))
  .min(1);

/** The name stays what it was. */
export const changedSecret = z.strictObject({ value: value.optional(), scopes: scopes.optional(), comment });
