import { setTimeout as sleep } from "node:timers/promises";
import { causeOf } from "../../fetch-cause";
import { checkRunToken } from "../../run-token-check";
import { type Fields, Refusal } from "./channel";

/**
 * Asks whom the host is to call, from the service's own network and environment, whether its token is accepted: the
 * Worker or, for a host that calls it itself, the gateway. A new address, token or version takes a while to be live
 * everywhere, hence the patience.
 */
export async function probe(fields: Fields): Promise<void> {
  const deadline = Date.now() + fields.seconds("seconds") * 1000;
  let last = "";
  do {
    if (last) await sleep(2000);
    last = fields.isDirect ? await askGateway(fields.text("gateway-url")) : await askWorker();
    if (last === READY) return;
  } while (Date.now() < deadline);
  throw fields.isDirect ? gatewayNotReady(fields, last) : workerNotReady(fields, last);
}

const READY = "ready";

function workerNotReady(fields: Fields, last: string): Refusal {
  const url = process.env.AI_GATEWAY_WORKER_URL;
  return new Refusal(
    "worker_not_ready",
    `the Worker at ${url} is not ready for this host after ${fields.seconds("seconds")} s: ${last}`,
    "status 200 with ready: true",
    `curl -i ${url}/healthz on this machine; the code in the answer has a line in docs/troubleshooting.md`,
  );
}

function gatewayNotReady(fields: Fields, last: string): Refusal {
  return new Refusal(
    "gateway_not_ready",
    `AI Gateway does not answer this host after ${fields.seconds("seconds")} s: ${last}`,
    "a gateway that takes the run token",
    `curl -i -X POST ${fields.text("gateway-url")}/compat/chat/completions on this machine: 401 with code 2009 is the gateway`,
  );
}

async function askGateway(gatewayUrl: string): Promise<string> {
  const verdict = await checkRunToken(gatewayUrl, process.env.CLOUDFLARE_AIG_TOKEN ?? "");
  if (verdict === "accepted") return READY;
  if (typeof verdict === "object") return verdict.unexpected;
  return verdict === "refused" ? "it refuses the run token (2009)" : "it knows no such gateway (2001)";
}

async function askWorker(): Promise<string> {
  const { AI_GATEWAY_WORKER_URL: url = "", AI_GATEWAY_AUTH_TOKEN: token = "" } = process.env;
  try {
    const response = await fetch(`${url}/readyz`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    const body = (await response.text()).slice(0, 200);
    if (response.status === 200 && /"ready"\s*:\s*true/.test(body)) return READY;
    return `status ${response.status} ${body.replace(/\s+/g, " ")}`;
  } catch (error) {
    return causeOf(error);
  }
}
