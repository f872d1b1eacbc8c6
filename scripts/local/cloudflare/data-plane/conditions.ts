import { isObject } from "../http/message";

type Operator = (actual: unknown, expected: unknown) => boolean;

/**
 * Operators named as MongoDB names them. Cloudflare shows only `$eq` and calls the language "MongoDB-like"; the others
 * are what that would mean.
 */
const OPERATORS: Readonly<Record<string, Operator>> = {
  $eq: (actual, expected) => actual === expected,
  $ne: (actual, expected) => actual !== expected,
  $in: (actual, expected) => Array.isArray(expected) && expected.includes(actual),
  $nin: (actual, expected) => Array.isArray(expected) && !expected.includes(actual),
  $gt: compared((order) => order > 0),
  $gte: compared((order) => order >= 0),
  $lt: compared((order) => order < 0),
  $lte: compared((order) => order <= 0),
  $exists: (actual, expected) => (actual !== undefined) === expected,
};

/**
 * Whether conditions hold for a request: `{"metadata.plan": {"$eq": "paid"}}`. None hold always, as in MongoDB; so a
 * misspelt `condition`, which the API drops, sends every request to the `true` side.
 *
 * @param subject `{metadata, body, headers}`.
 */
export function holds(conditions: unknown, subject: unknown): boolean {
  const parsed = typeof conditions === "string" ? (JSON.parse(conditions) as unknown) : conditions;
  if (!isObject(parsed)) return true;
  return Object.entries(parsed).every(([key, value]) => {
    if (key === "$and") return list(value).every((inner) => holds(inner, subject));
    if (key === "$or") return list(value).some((inner) => holds(inner, subject));
    if (key === "$not") return !holds(value, subject);
    return matches(valueAt(subject, key), value);
  });
}

/** A bare value means `$eq`. An unknown operator never holds. */
function matches(actual: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return actual === wanted;
  return Object.entries(wanted).every(([name, expected]) => OPERATORS[name]?.(actual, expected) ?? false);
}

/** The value at a dotted path; undefined when there is none. */
export function valueAt(subject: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), subject);
}

function compared(accept: (order: number) => boolean): Operator {
  return (actual, expected) => {
    if (typeof actual === "number" && typeof expected === "number") return accept(actual - expected);
    if (typeof actual !== "string" || typeof expected !== "string") return false;
    return accept(actual < expected ? -1 : Number(actual > expected));
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
