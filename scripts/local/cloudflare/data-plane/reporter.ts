import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { sendJson } from "../http/message";
import type { GatewayLogEntry } from "../types";
import type { Exchange, Outcome } from "./exchange";
import type { GatewayError } from "./gateway-error";
import { newLogId } from "./gateway-log";
import { type CachedAnswer, cacheKey, cacheTtl } from "./response-cache";

/** Headers of one hop (RFC 9110, 7.6.1), which are the server's own business. */
const NOT_RETURNED = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/** Ends one exchange: answers the client, writes the log entry, fills the cache. */
export class Reporter {
  readonly #exchange: Exchange;
  readonly #response: ServerResponse;
  readonly #started = Date.now();
  readonly #logId = newLogId();

  constructor(exchange: Exchange, response: ServerResponse) {
    this.#exchange = exchange;
    this.#response = response;
  }

  /** Hands the provider's answer on, piece by piece. */
  succeed(outcome: Outcome): void {
    this.#record(outcome, outcome.answer.status);
    const { status, headers, body } = outcome.answer;
    this.#response.writeHead(status, { ...returned(headers), ...this.#headers(outcome) });
    this.#response.flushHeaders();
    if (cacheTtl(this.#exchange) > 0 && !outcome.cached) this.#keep(outcome);
    body.on("error", () => this.#response.destroy());
    body.pipe(this.#response);
  }

  /** Answers with an error of the gateway's own. */
  refuse(error: GatewayError): void {
    const { slug } = this.#exchange;
    const provider = slug === "compat" ? "" : slug;
    const nothing = { model: "", step: 0, stream: false, cached: false, keySource: "none" } as const;
    this.#record({ provider, ...nothing, ...error.during }, error.status);
    sendJson(this.#response, error.status, error.body(), { "cf-aig-log-id": this.#logId });
  }

  /**
   * `cf-aig-model` and `cf-aig-provider` are documented for dynamic routes, so they come with those alone. Whether the
   * log id also comes when nothing is stored is not documented; here it does.
   */
  #headers(outcome: Outcome): Record<string, string> {
    const { provider, model, step, cached, dynamicRoute } = outcome;
    return {
      "cf-aig-log-id": this.#logId,
      "cf-aig-step": String(step),
      "cf-aig-cache-status": cached ? "HIT" : "MISS",
      ...(dynamicRoute === undefined ? {} : { "cf-aig-model": model, "cf-aig-provider": provider }),
    };
  }

  #record(outcome: Omit<Outcome, "answer">, status: number): void {
    const { plane, gateway, slug, path, metadata } = this.#exchange;
    const { provider, model, step, stream, cached, keySource, dynamicRoute } = outcome;
    const entry: GatewayLogEntry = {
      logId: this.#logId,
      at: new Date(this.#started).toISOString(),
      gatewayId: gateway.id,
      provider,
      model,
      path: `${slug}/${path}`,
      status,
      metadata,
      step,
      keySource,
      cached,
      stream,
      duration: 0,
      stored: collectsLogs(this.#exchange),
      ...(dynamicRoute === undefined ? {} : { dynamicRoute }),
    };
    plane.gatewayLog.add(entry);
    this.#response.once("close", () => {
      entry.duration = Date.now() - this.#started;
    });
  }

  /** Collects a whole answer while it passes. Streams are not kept: whether the real gateway does is not documented. */
  #keep(outcome: Outcome): void {
    const { status, headers, body } = outcome.answer;
    if (status !== 200 || outcome.stream) return;
    const { provider, model, step, keySource, dynamicRoute } = outcome;
    const exchange = this.#exchange;
    const chunks: Buffer[] = [];
    body.on("data", (chunk: Buffer) => chunks.push(chunk));
    body.once("end", () =>
      exchange.plane.cache.set(cacheKey(exchange), {
        expires: exchange.plane.store.time() + cacheTtl(exchange) * 1000,
        status,
        headers,
        body: Buffer.concat(chunks),
        served: { provider, model, step, keySource, ...(dynamicRoute === undefined ? {} : { dynamicRoute }) },
      }),
    );
  }
}

/** A kept answer as an outcome. */
export function fromCache({ served, status, headers, body }: CachedAnswer): Outcome {
  return { ...served, stream: false, cached: true, answer: { status, headers, body: Readable.from([body]) } };
}

function returned(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_RETURNED.includes(name)));
}

/** Whether what passes is stored, as the Logs API shows it. The request's own header wins over the gateway. */
function collectsLogs({ gateway, headers }: Exchange): boolean {
  const wish = headers["cf-aig-collect-log"];
  return wish === undefined ? gateway.settings.collect_logs === true : wish === "true";
}
