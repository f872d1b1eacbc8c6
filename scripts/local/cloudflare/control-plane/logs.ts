import type { GatewayLogEntry } from "../types";
import { ApiError } from "./api-error";
import { type Call, type Endpoint, listReply, param } from "./call";
import { GATEWAY, GATEWAY_READ, gatewayOf } from "./gateways";

const LOGS = `${GATEWAY}/logs`;

/**
 * The Logs API as accounts made before 24 September 2026 have it ("Legacy Logs"). Entries are there at once; real ones
 * lag by tens of seconds.
 */
export const logEndpoints: readonly Endpoint[] = [
  { method: "GET", path: LOGS, permissions: GATEWAY_READ, handle: list },
  { method: "GET", path: `${LOGS}/:log`, permissions: GATEWAY_READ, handle: get },
];

/** Newest first. */
function list(call: Call) {
  const provider = call.query.get("provider");
  const success = call.query.get("success");
  const entries = storedLogs(call)
    .filter((entry) => provider === null || entry.provider === provider)
    .filter((entry) => success === null || String(succeeded(entry)) === success)
    .reverse();
  return listReply(entries.map(shown), call.query);
}

function get(call: Call) {
  const entry = storedLogs(call).find(({ logId }) => logId === param(call, "log"));
  if (!entry) throw new ApiError(404, [{ code: 7002, message: "Log not found" }]);
  return { result: shown(entry) };
}

function storedLogs(call: Call): GatewayLogEntry[] {
  const { id } = gatewayOf(call);
  return call.gatewayLog.entries().filter((entry) => entry.gatewayId === id && entry.stored);
}

function succeeded({ status }: GatewayLogEntry): boolean {
  return status < 400;
}

function shown(entry: GatewayLogEntry) {
  return {
    id: entry.logId,
    created_at: entry.at,
    provider: entry.provider,
    model: entry.model,
    path: entry.path,
    success: succeeded(entry),
    status_code: entry.status,
    cached: entry.cached,
    duration: entry.duration,
    step: entry.step,
    metadata: JSON.stringify(entry.metadata),
    // Counting tokens and cost is not imitated.
    tokens_in: null,
    tokens_out: null,
  };
}
