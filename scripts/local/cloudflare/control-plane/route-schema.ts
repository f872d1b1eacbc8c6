import { z } from "zod";

const target = z.strictObject({ elementId: z.string() });

/** `10%`, `2.5%`: a key of a percentage node. `else` and the like are refused, as reported. */
const percentage = z.string().regex(/^\d{1,3}(\.\d+)?%$/, "must be a percentage such as 10%");

/** At most this many branches of a percentage node. */
const MAX_BRANCHES = 5;

// Reported about the real API: an unknown `type`, a missing `outputs` and a bad percentage key are refused, while
// unknown names inside `properties` (`condition`, `technique`) are dropped without a word. So `properties` strips here
// instead of refusing: a graph that lost a setting must come back without it.
const element = z.discriminatedUnion("type", [
  z.strictObject({ id: z.string(), type: z.literal("start"), outputs: z.strictObject({ next: target }) }),
  z.strictObject({
    id: z.string(),
    type: z.literal("conditional"),
    properties: z.object({ conditions: z.unknown().optional() }),
    outputs: z.strictObject({ true: target, false: target }),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal("percentage"),
    outputs: z
      .record(percentage, target)
      .refine((outputs) => Object.keys(outputs).length <= MAX_BRANCHES, `at most ${MAX_BRANCHES} branches`)
      .refine((outputs) => totalOf(outputs) === 100, "percentages must be 100 in total"),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal("rate"),
    properties: z.object({
      key: z.string(),
      limit: z.number().min(0),
      limitType: z.enum(["count", "cost"]),
      window: z.number().min(1),
    }),
    outputs: z.strictObject({ success: target, fallback: target }),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal("model"),
    properties: z.object({
      provider: z.string(),
      model: z.string(),
      timeout: z.number().min(0),
      retries: z.number().int().min(0),
    }),
    // `fallback` is optional in the documentation and required in the SDK's type.
    outputs: z.strictObject({ success: target, fallback: target.optional() }),
  }),
  z.strictObject({ id: z.string(), type: z.literal("end"), outputs: z.record(z.string(), target) }),
]);

const elements = z.array(element).min(1);

/** The name is what clients write behind `dynamic/`. */
const name = z.string().min(1).max(64);

export const newRoute = z.strictObject({ name, elements });
export const newVersion = z.strictObject({ elements });
export const newDeployment = z.strictObject({ version_id: z.string() });
/** Reported: whatever else is in a PATCH is ignored. */
export const renamedRoute = z.object({ name });

function totalOf(outputs: Record<string, unknown>): number {
  return Object.keys(outputs).reduce((total, key) => total + Number.parseFloat(key), 0);
}
