import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Exchange, numberHeader, numberSetting, type Outcome } from "./exchange";

/** An answer that may be given again. */
export interface CachedAnswer {
  expires: number;
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  served: Pick<Outcome, "provider" | "model" | "step" | "keySource"> & { dynamicRoute?: string };
}

/** Answers by request; only whole answers with status 200 are kept, streams are not. */
export class ResponseCache {
  readonly #answers = new Map<string, CachedAnswer>();

  get(key: string, at: number): CachedAnswer | undefined {
    const answer = this.#answers.get(key);
    if (!answer || answer.expires > at) return answer;
    this.#answers.delete(key);
    return undefined;
  }

  set(key: string, answer: CachedAnswer): void {
    this.#answers.set(key, answer);
  }
}

/** Seconds for which the answer may be kept; 0: not at all. The request's own headers win over the gateway. */
export function cacheTtl({ headers, gateway }: Exchange): number {
  if (headers["cf-aig-skip-cache"] === "true") return 0;
  return numberHeader(headers, "cf-aig-cache-ttl") ?? numberSetting(gateway, "cache_ttl") ?? 0;
}

/** Same gateway, endpoint, credentials and body, or the caller's own key. */
export function cacheKey(exchange: Exchange): string {
  const { gateway, slug, path, query, headers, body } = exchange;
  const own = headers["cf-aig-cache-key"];
  const request =
    typeof own === "string"
      ? [own]
      : [slug, path, query, headers.authorization, headers["x-api-key"], headers["x-goog-api-key"]];
  const generation = gateway.settings.cache_invalidate_on_update === true ? gateway.modifiedAt : "";
  const hash = createHash("sha256").update(JSON.stringify([gateway.internalId, generation, request]));
  return (typeof own === "string" ? hash : hash.update(body)).digest("hex");
}
