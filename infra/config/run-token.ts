import { z } from "zod";
import type { Field } from "./field";

const DAY_MS = 24 * 60 * 60 * 1000;

/** From how long before the end of a token each `up` warns. */
export const WARN_BEFORE_MS = 14 * DAY_MS;

/** A time that stands in the stack file without quotes reaches the program as Go writes it: `2030-01-31 00:00:00 +0000 UTC`. */
const GO_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d)(\d\d) \S+$/;

const instant = z
  .string()
  .transform((text) => text.replace(GO_TIME, "$1T$2$3:$4").replace(/\+00:00$/, "Z"))
  .pipe(z.iso.datetime({ offset: true }));

export const runToken = z
  .strictObject({
    expiresOn: instant
      .refine((text) => Date.parse(text) > Date.now(), {
        message: "is in the past; set a later time and another runToken.rotation, which makes a new token",
      })
      .optional(),
    rotation: z
      .string()
      .regex(/^[\w.:-]{1,40}$/)
      .optional(),
    drainSeconds: z.int().min(0).max(3_600).default(60),
    value: z
      .string()
      .regex(/^[\w-]{40,256}$/)
      .optional(),
  })
  .refine(({ value, rotation }) => value === undefined || rotation === undefined, {
    path: ["rotation"],
    message: "runToken.value is your own token, which this stack cannot rotate: set another value instead",
    params: { remove: true },
  });

export type RunTokenInput = z.output<typeof runToken>;

/** What the operator is told about each of these keys. */
export const RUN_TOKEN_FIELDS: Readonly<Record<string, Field>> = {
  runToken: { allowed: "an object with expiresOn, rotation, drainSeconds and value", set: "rotation" },
  "runToken.expiresOn": {
    allowed: "a time to come, as RFC 3339 writes it; left out, the token does not expire",
    example: "2030-01-31T00:00:00Z",
  },
  "runToken.rotation": {
    allowed: "1 to 40 letters, digits, '.', ':', '_' or '-'; another text makes a new token",
    example: "2030-01",
  },
  "runToken.drainSeconds": { allowed: "0 to 3600 seconds", example: "60" },
  "runToken.value": {
    allowed: "a Cloudflare API token with AI Gateway Run and Workers AI Read, in place of one that is made",
    secret: true,
  },
};

/** What to tell about a token that ends soon, if it does. */
export function expiryWarning(expiresOn: string | undefined, now = Date.now()): string | undefined {
  if (expiresOn === undefined) return undefined;
  const left = Date.parse(expiresOn) - now;
  if (left > WARN_BEFORE_MS) return undefined;
  const days = Math.floor(left / DAY_MS);
  const soon = days < 1 ? "within a day" : `in ${days} ${days === 1 ? "day" : "days"}`;
  return (
    `The run token ${left > 0 ? `expires ${soon}` : "has expired"} (${expiresOn}): every request is refused from then on. ` +
    "Set a later runToken.expiresOn and another runToken.rotation, then run 'pulumi up'."
  );
}
