import { z } from "zod";

/** Either a key, which is stored as a secret, or the id of a secret that is there. */
export const newProviderConfig = z
  .strictObject({
    alias: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/, "must be letters, digits, _ and -")
      .max(64),
    default_config: z.boolean(),
    provider_slug: z.string().min(1),
    secret: z.string().min(1).optional(),
    secret_id: z.string().min(1).optional(),
    rate_limit: z.number().int().min(1).optional(),
    rate_limit_period: z.number().int().min(1).optional(),
  })
  .refine(
    ({ secret, secret_id }) => (secret === undefined) !== (secret_id === undefined),
    "give secret or secret_id, and not both",
  );
