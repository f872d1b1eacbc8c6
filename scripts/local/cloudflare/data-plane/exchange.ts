import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { GatewayRecord, TokenRecord } from "../store/records";
import type { Store } from "../store/store";
import type { KeySource, Propagation } from "../types";
import type { GatewayLog } from "./gateway-log";
import type { NotImitated } from "./not-imitated";
import type { RateWindows } from "./rate-windows";
import type { ResponseCache } from "./response-cache";

/** What the data plane works with. */
export interface DataPlane {
  store: Store;
  gatewayLog: GatewayLog;
  /** Origin of the fake providers. */
  providersUrl: string;
  windows: RateWindows;
  cache: ResponseCache;
  propagation: Propagation;
  notImitated: NotImitated;
  /** What a request costs, in dollars. */
  costOf: (provider: string, model: string) => number;
  /** Cloudflare's own keys by slug; empty when the account has no Unified Billing. */
  unifiedBillingKeys: Readonly<Record<string, string>>;
  random: () => number;
  log: (line: string) => void;
}

/** One request to a gateway, understood as far as its address goes. */
export interface Exchange {
  plane: DataPlane;
  gateway: GatewayRecord;
  /** The gateway's token and its value; none when the gateway is not authenticated and none was sent. */
  token: { record: TokenRecord; value: string } | undefined;
  method: string;
  /** `compat`, or the provider's slug. */
  slug: string;
  /** After the slug, without a leading slash. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** `cf-aig-metadata`. */
  metadata: Record<string, unknown>;
  /** Ends the work when the client has left. */
  signal: AbortSignal;
}

/** What a provider answered; the body has not been read. */
export interface ProviderAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

/** Who served an exchange, and with what. */
export interface Outcome {
  provider: string;
  model: string;
  /** Index of the step that served, 0 first. */
  step: number;
  dynamicRoute?: string;
  stream: boolean;
  cached: boolean;
  keySource: KeySource;
  answer: ProviderAnswer;
}

/** A number in a header, when it is one and not negative. */
export function numberHeader(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headers[name];
  const value = typeof text === "string" && text !== "" ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A number among a gateway's settings; null and 0 mean that it is off. */
export function numberSetting(gateway: GatewayRecord, name: string): number | undefined {
  const value = gateway.settings[name];
  return typeof value === "number" && value > 0 ? value : undefined;
}
