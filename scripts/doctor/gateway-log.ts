import { setTimeout as sleep } from "node:timers/promises";
import { readsOf } from "./account";
import { type Check, failed, ok, skipped } from "./check";
import type { Deployment } from "./deployment";
import type { LogIds } from "./inference";

/** Waits between looks, in milliseconds: entries come some seconds after the answer. */
const WAITS_MS = [0, 2_000, 5_000, 10_000];

/**
 * That the requests of the checks before passed the gateway: it gave each an entry of its log. Accounts made since
 * 24 September 2026 keep them in Workers Observability, where the Logs API shows nothing
 * (developers.cloudflare.com/ai-gateway/observability/logging/), so its answer proves only what it has.
 */
export function gatewayLogCheck(
  deployment: Deployment,
  logIds: LogIds,
  wait: (ms: number) => Promise<unknown> = sleep,
): Check {
  const { accountId, gateway } = deployment.config;
  return {
    id: "gateway-log",
    title: "The requests are seen at the gateway",
    run: async () => {
      const last = logIds.at(-1);
      if (last === undefined) return skipped("no request was answered");
      const seen = `${logIds.length} entries, the last is ${last}`;
      if (!gateway.collectLogs) return ok(`${seen}; gateway.collectLogs is off, so none is kept`);
      const path = `/accounts/${accountId}/ai-gateway/gateways/${gateway.id}/logs/${last}`;
      for (const ms of WAITS_MS) {
        await wait(ms);
        const answer = await readsOf(deployment).get(path);
        if (answer.ok) return ok(`${seen}, and the Logs API has it`);
        if (answer.status === 401 || answer.status === 403) {
          return failed(`the Logs API refuses the deploying token: ${answer.message}`, PERMISSION);
        }
      }
      return ok(`${seen}; the Logs API does not show it (yet, or not for this account)`);
    },
  };
}

const PERMISSION = "give the deploying token AI Gateway Read, or AI Gateway Write";
