import { z } from "zod";

const addresses = z.strictObject({
  in: z.array(z.string()).nullish(),
  not_in: z.array(z.string()).nullish(),
});

const instant = z.iso.datetime({ offset: true });

const policy = z.strictObject({
  effect: z.enum(["allow", "deny"]),
  permission_groups: z
    .array(
      z.strictObject({
        id: z.string(),
        meta: z.record(z.string(), z.string()).nullish(),
        name: z.string().nullish(),
      }),
    )
    .min(1),
  resources: z.record(z.string(), z.unknown()),
});

/** The same for creating and for replacing a token. `status` is the official provider's, which sends it when set. */
export const tokenBody = z.strictObject({
  name: z.string().min(1).max(120),
  policies: z.array(policy).min(1),
  // The wire name has a dot; the official SDK writes it with an underscore.
  condition: z.strictObject({ "request.ip": addresses.nullish(), request_ip: addresses.nullish() }).nullish(),
  expires_on: instant.nullish(),
  not_before: instant.nullish(),
  status: z.enum(["active", "disabled"]).nullish(),
});

export type TokenBody = z.output<typeof tokenBody>;
