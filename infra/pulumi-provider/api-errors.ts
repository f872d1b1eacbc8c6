/**
 * What the Cloudflare API's refusals mean. Codes as observed by several users of the API; the documentation names
 * none of them. 7002: no such gateway, or no such stored key of it. 7005: no such route, and, where a name is given, a
 * route of that name is there.
 */

const NO_SUCH_GATEWAY = 7002;
const ROUTE_ABSENT_OR_TAKEN = 7005;

/** The route or its gateway does not exist. Not for answers to a creation or a renaming. */
export function isAbsent(error: unknown): boolean {
  if (statusOf(error) === 404) return true;
  const codes = codesOf(error);
  return codes.includes(NO_SUCH_GATEWAY) || codes.includes(ROUTE_ABSENT_OR_TAKEN);
}

/** What the call answers, or undefined where the object does not exist. */
export async function unlessAbsent<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The name that a route was to have is taken. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409 || codesOf(error).includes(ROUTE_ABSENT_OR_TAKEN);
}

/** A secret was made a moment ago, and the gateway cannot see it yet. */
export function isSecretPending(error: unknown): boolean {
  return has(error, "message") && /secret.*not found/i.test(String(error.message));
}

/** Nothing was done, and the same call may work later. */
export function isTooManyRequests(error: unknown): boolean {
  return statusOf(error) === 429;
}

/** Whether the call had an effect is not known: no answer came, or one that says nothing about it. */
export function isUnanswered(error: unknown): boolean {
  const status = statusOf(error);
  return has(error, "message") && (status === undefined || status >= 500);
}

/** Milliseconds that Cloudflare asks to wait, if it does. */
export function retryAfter(error: unknown): number | undefined {
  const headers = has(error, "headers") ? error.headers : undefined;
  const seconds = headers instanceof Headers ? Number(headers.get("retry-after") ?? Number.NaN) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

/** One line for a person: what was being done, what went wrong, and what to do about it when the API refused it. */
export function explain(doing: string, error: unknown, permission = "AI Gateway Write"): Error {
  const message = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);
  const advice =
    status === 401 || status === 403
      ? `. The deploying token (cloudflare:apiToken) needs the permission '${permission}' on this account`
      : "";
  return new Error(`${doing}: ${message}${advice}`);
}

function statusOf(error: unknown): number | undefined {
  return has(error, "status") && typeof error.status === "number" ? error.status : undefined;
}

/** Codes of the usual envelope. The route endpoints also answer `{"error": "…"}`, which has none. */
function codesOf(error: unknown): number[] {
  if (!has(error, "errors") || !Array.isArray(error.errors)) return [];
  return error.errors.flatMap((entry: unknown) =>
    has(entry, "code") && typeof entry.code === "number" ? [entry.code] : [],
  );
}

function has<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return value !== null && typeof value === "object" && key in value;
}
