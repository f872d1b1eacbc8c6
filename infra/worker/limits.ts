import type { RateLimiter, WorkerSettings } from "./bindings";
import { Refusal } from "./errors";

/**
 * Refuses a body that says it is too large, before any of it is read, and a host that has sent too many requests. A
 * body without `content-length` is not counted: that would take JavaScript in its stream.
 *
 * @throws Refusal `body_too_large` or `host_rate_limited`
 */
export function requireWithinLimits(
  headers: Headers,
  { maxBodyBytes, rateLimitPeriod = 60 }: WorkerSettings,
  limiter: RateLimiter | undefined,
  host: string,
): Promise<void> | undefined {
  if (maxBodyBytes && Number(headers.get("content-length")) > maxBodyBytes) {
    throw new Refusal("body_too_large", `at most ${maxBodyBytes} bytes`);
  }
  return limiter?.limit({ key: host }).then(({ success }) => {
    if (!success) throw new Refusal("host_rate_limited", "", { "retry-after": `${rateLimitPeriod}` });
  });
}
