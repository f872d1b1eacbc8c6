/** What went wrong below `fetch`, whose own message is only "fetch failed". */
export function causeOf(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: unknown };
  if (cause !== undefined && cause !== null) return causeOf(cause);
  return typeof message === "string" && message !== "" ? message : String(error);
}
