import { setTimeout as sleep } from "node:timers/promises";
import { type Fields, Refusal } from "./channel";

/**
 * Asks the Worker with the host's own token, from the service's own network and environment, whether it can serve.
 * A new address, token or version takes a while to be live everywhere, hence the patience.
 */
export async function probe(fields: Fields): Promise<void> {
  const { AI_GATEWAY_WORKER_URL: url = "", AI_GATEWAY_AUTH_TOKEN: token = "" } = process.env;
  const deadline = Date.now() + fields.seconds("seconds") * 1000;
  let last = "";
  do {
    if (last) await sleep(2000);
    last = await askOnce(`${url}/readyz`, token);
    if (last === "ready") return;
  } while (Date.now() < deadline);
  throw new Refusal(
    "worker_not_ready",
    `the Worker at ${url} is not ready for this host after ${fields.seconds("seconds")} s: ${last}`,
    "status 200 with ready: true",
    `curl -i ${url}/healthz on this machine; the code in the answer has a line in docs/troubleshooting.md`,
  );
}

async function askOnce(url: string, token: string): Promise<string> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    const body = (await response.text()).slice(0, 200);
    if (response.status === 200 && /"ready"\s*:\s*true/.test(body)) return "ready";
    return `status ${response.status} ${body.replace(/\s+/g, " ")}`;
  } catch (error) {
    return error instanceof Error ? reason(error) : String(error);
  }
}

/** `fetch failed` says nothing; its cause does. */
function reason(error: Error): string {
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
