import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProviderAnswer } from "./exchange";

/** How long and how often a provider is tried. */
export interface Patience {
  attempts: number;
  /** Milliseconds between attempts. */
  delay: number;
  backoff: "constant" | "linear" | "exponential";
  /** Milliseconds until the answer begins; none: no limit. */
  timeout?: number;
}

export interface ProviderCall {
  url: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  signal: AbortSignal;
}

/** The provider could not be reached, or did not begin to answer in time. */
export class ProviderUnreachable extends Error {}

/**
 * Calls a provider until it answers with less than 500 and not 429, or the attempts are used up; then its last answer
 * is the answer. Which failures the real gateway retries is not documented.
 *
 * @throws ProviderUnreachable
 */
export async function callProvider(call: ProviderCall, patience: Patience): Promise<ProviderAnswer> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= patience.attempts;
    try {
      const answer = await callOnce(call, patience.timeout);
      if (last || !mayPass(answer.statusCode ?? 0)) {
        return { status: answer.statusCode ?? 502, headers: answer.headers, body: answer };
      }
      answer.resume();
    } catch (error) {
      if (last || call.signal.aborted) throw error;
    }
    await sleep(delayBefore(attempt, patience), undefined, { signal: call.signal });
  }
}

/** Whether trying again may help. */
function mayPass(status: number): boolean {
  return status >= 500 || status === 429;
}

function delayBefore(attempt: number, { delay, backoff }: Patience): number {
  if (backoff === "linear") return delay * attempt;
  return backoff === "exponential" ? delay * 2 ** (attempt - 1) : delay;
}

function callOnce(call: ProviderCall, timeout: number | undefined): Promise<IncomingMessage> {
  const { url, method, headers, body, signal } = call;
  return new Promise((resolve, reject) => {
    const sent = { ...headers, "content-length": String(body.length) };
    const request = httpRequest(url, { method, headers: sent, signal, agent: false });
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => request.destroy(new Error(`no answer within ${timeout} ms`)), timeout);
    request.once("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(new ProviderUnreachable(error.message));
    });
    request.end(body);
  });
}
