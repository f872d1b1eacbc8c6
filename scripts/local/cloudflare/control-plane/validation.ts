import type { z } from "zod";
import { ApiError, type ErrorEntry } from "./api-error";

/** Code of AI Gateway's validation errors. */
export const GATEWAY_VALIDATION = 7001;
/** Code of the token API's validation errors (reported: it equals the HTTP status). */
export const TOKEN_VALIDATION = 400;
/** Code of the Secrets Store's validation errors. */
export const SECRET_VALIDATION = 1001;
/** Code of the Workers API's validation errors. */
export const SCRIPT_VALIDATION = 10021;

/**
 * Checks a request against its schema.
 *
 * Schemas are strict: a field that the API does not have is refused. The real API may ignore some of them; here a
 * field that would silently be lost must show.
 *
 * @throws ApiError (400) with one entry per problem.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: number,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ApiError(
    400,
    result.error.issues.map((issue) => entryOf(issue, value, code)),
  );
}

function entryOf(issue: z.core.$ZodIssue, value: unknown, code: number): ErrorEntry {
  const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
  if (issue.code === "unrecognized_keys") {
    return { code, message: `Unknown field ${issue.keys.join(", ")}`, path };
  }
  // "Required" is the word of the real API for a field that is not there.
  const message = at(value, path) === undefined ? "Required" : `Invalid: ${issue.message}`;
  return { code, message, path };
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}
