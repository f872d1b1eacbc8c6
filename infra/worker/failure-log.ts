import type { ApiFamily } from "../llm-providers";
import type { ErrorCode } from "./error-table";
import { LOG_ID_HEADER } from "./errors";

/** What is known of a request so far. Nothing in it was chosen by the client, except among names we have. */
export interface Trace {
  /** Name of the host whose token was presented. */
  host?: string;
  provider?: string;
  apiFamily?: ApiFamily;
  /** The route's path as the provider table writes it; never the path that was sent. */
  path?: string;
}

/**
 * One structured line for a request that was refused or failed: Workers Logs indexes its fields. Successful requests
 * write nothing. No line has a token, a key, a query string, a body, or a path as the client sent it.
 */
export function logFailure(
  trace: Trace,
  code: ErrorCode | "provider_error",
  status: number,
  logId: string | null | undefined,
): void {
  console.warn(JSON.stringify({ code, status, ...trace, [LOG_ID_HEADER]: logId ?? undefined }));
}
