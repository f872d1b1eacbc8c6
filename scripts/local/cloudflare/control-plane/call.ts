import type { IncomingHttpHeaders } from "node:http";
import type { GatewayLog } from "../data-plane/gateway-log";
import type { TokenRecord } from "../store/records";
import type { Store } from "../store/store";
import type { Propagation } from "../types";
import type { WorkerHost } from "../workers/worker-host";
import type { FaultSwitches } from "./faults";

/** What the handlers of the API work on. */
export interface ControlPlane {
  store: Store;
  workers: WorkerHost;
  gatewayLog: GatewayLog;
  faults: FaultSwitches;
  propagation: Propagation;
  /** The deploying token, which is no object of the account. */
  deployToken: { hash: string; record: TokenRecord; owner: "account" | "user" };
  log: (line: string) => void;
}

/** One call of the API. */
export interface Call extends ControlPlane {
  /** Values of the `:name` segments of the pattern. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The token that the call was made with. */
  token: TokenRecord;
}

/** The value of a `:name` segment; the router put it there. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the pattern of this call has no :${name}`);
  return value;
}

/** What a handler answers. */
export type Reply =
  /** Goes out as `{"success":true,"errors":[],"messages":[],"result":…}`. */
  | { result: unknown; resultInfo?: unknown }
  /** Goes out as it is: not every call of the API has the same envelope. */
  | { envelope: Record<string, unknown> }
  | { raw: Buffer; contentType: string };

/** One call that the API offers. */
export interface Endpoint {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below `/client/v4/accounts/<account>`, with `:name` for a variable segment. */
  path: string;
  /** The path is below `/client/v4` instead. */
  root?: true;
  /** Permission groups of which the token needs one; none: any working token. */
  permissions: readonly string[];
  handle: (call: Call) => Reply | Promise<Reply>;
}

/** A page of a list: `page` counts from 1. */
export function paginate<T>(
  items: readonly T[],
  query: URLSearchParams,
  defaultPerPage = 20,
): { items: T[]; page: number; perPage: number } {
  const page = positive(query.get("page"), 1);
  const perPage = Math.min(positive(query.get("per_page"), defaultPerPage), 100);
  return { items: items.slice((page - 1) * perPage, page * perPage), page, perPage };
}

function positive(text: string | null, fallback: number): number {
  const value = Number(text ?? "");
  return Number.isInteger(value) && value > 0 ? value : fallback;
}

/** A list with the usual `result_info`. */
export function listReply<T>(all: readonly T[], query: URLSearchParams): Reply {
  const { items, page, perPage } = paginate(all, query);
  return {
    result: items,
    resultInfo: { page, per_page: perPage, count: items.length, total_count: all.length },
  };
}
