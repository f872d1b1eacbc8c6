import type { ErrorCode } from "./error-table";
import { LOG_ID_HEADER } from "./errors";
import type { Exchange } from "./exchange";

/**
 * One structured line for a request that was refused or failed: Workers Logs indexes its fields. Successful requests
 * write nothing. No line has a token, a key, a query string, a body, or a path as the client sent it: of what the client
 * chose there is nothing in it, except among names we have.
 */
export function logFailure(
  { host, endpoint, pathClass: path }: Exchange,
  code: ErrorCode | "provider_error",
  status: number,
  logId: string | null | undefined,
): void {
  const facts = { code, status, host, provider: endpoint?.slug, apiFamily: endpoint?.apiFamily, path };
  console.warn(JSON.stringify({ ...facts, [LOG_ID_HEADER]: logId ?? undefined }));
}
