import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isObject, parseJson, readBody, sendJson } from "../http/message";
import { compat } from "./compat";
import { type DataPlane, type Exchange, numberSetting, type Outcome } from "./exchange";
import { gatewayToken } from "./gateway-auth";
import { GatewayError, gatewayErrors } from "./gateway-error";
import { passThrough } from "./native";
import { fromCache, Reporter } from "./reporter";
import { cacheKey, cacheTtl } from "./response-cache";

/** The real gateway's host: what a Worker that was given no other address calls. */
const REAL_HOST = "gateway.ai.cloudflare.com";

/** At most this many entries of `cf-aig-metadata` are kept, as documented. */
const MAX_METADATA = 5;

/** AI Gateway. */
export function createGateway(plane: DataPlane) {
  return createServer((request, response) => {
    answer(plane, request, response).catch((error: unknown) => {
      plane.log(`gateway: ${request.method} ${request.url} failed: ${error}`);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, new GatewayError(500, 2000, "Internal error").body());
    });
  });
}

async function answer(plane: DataPlane, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Read in any case: a client that is answered before it has sent everything may take that for a failure.
  const body = await readBody(request);
  if (!isOurHost(request)) return refuseHost(plane, request, response);
  const address = addressOf(request);
  if (!address) return sendJson(response, 404, { success: false, error: "not found" });

  const gateway =
    address.account === plane.store.state.accountId ? plane.store.gateway(address.gateway) : undefined;
  if (!gateway) return sendError(response, gatewayErrors.unknownGateway());

  plane.notImitated.mention(gateway);
  try {
    const token = gatewayToken(plane, gateway, address.slug, request.headers);
    const { headers, method = "" } = request;
    const metadata = metadataOf(headers["cf-aig-metadata"]);
    const signal = leaving(response);
    const { slug, path, query } = address;
    const exchange = { plane, gateway, token, method, slug, path, query, headers, body, metadata, signal };
    await report(exchange, response);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    sendError(response, error);
  }
}

/** Serves, and writes down what came of it. */
async function report(exchange: Exchange, response: ServerResponse): Promise<void> {
  const reporter = new Reporter(exchange, response);
  try {
    reporter.succeed(await serve(exchange));
  } catch (error) {
    if (exchange.signal.aborted) return;
    if (!(error instanceof GatewayError)) throw error;
    reporter.refuse(error);
  }
}

/** Aborts when the client has left: a request to a provider ends with it. */
function leaving(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  response.once("close", () => left.abort());
  return left.signal;
}

/** Cached answers do not count against the gateway's rate limit. */
async function serve(exchange: Exchange): Promise<Outcome> {
  if (cacheTtl(exchange) > 0) {
    const cached = exchange.plane.cache.get(cacheKey(exchange), exchange.plane.store.time());
    if (cached) return fromCache(cached);
  }
  if (!isWithinRate(exchange)) throw gatewayErrors.rateLimited();
  return exchange.slug === "compat" ? compat(exchange) : passThrough(exchange);
}

function isWithinRate({ plane, gateway }: Exchange): boolean {
  const limit = numberSetting(gateway, "rate_limiting_limit");
  const interval = numberSetting(gateway, "rate_limiting_interval");
  if (limit === undefined || interval === undefined) return true;
  const technique = gateway.settings.rate_limiting_technique === "sliding" ? "sliding" : "fixed";
  const key = `gateway ${gateway.internalId}`;
  return plane.windows.allow({ key, limit, seconds: interval, technique }, plane.store.time());
}

/** `/v1/{account}/{gateway}/{slug}/{path}` */
function addressOf(request: IncomingMessage) {
  const url = new URL(request.url ?? "/", "http://local");
  const found = /^\/v1\/([^/]+)\/([^/]+)\/([^/]+)\/(.+)$/.exec(url.pathname);
  if (!found) return undefined;
  const [, account = "", gateway = "", slug = "", path = ""] = found;
  return { account, gateway, slug, path, query: url.search };
}

/** Every call of a Worker arrives here, whatever host it names; only those to the gateway are meant for us. */
function isOurHost(request: IncomingMessage): boolean {
  const host = request.headers.host ?? "";
  const port = request.socket.localPort;
  return [REAL_HOST, `127.0.0.1:${port}`, `localhost:${port}`].includes(host);
}

/** 530 is Cloudflare's status for an origin that cannot be found. (421 would make clients send the request again.) */
function refuseHost(plane: DataPlane, request: IncomingMessage, response: ServerResponse): void {
  plane.log(`gateway: a call to host ${request.headers.host} was refused: only the gateway can be reached`);
  sendJson(response, 530, {
    success: false,
    error: `host ${request.headers.host} cannot be reached from here`,
  });
}

function metadataOf(value: string | string[] | undefined): Record<string, unknown> {
  const parsed = typeof value === "string" ? parseJson(value) : undefined;
  if (!isObject(parsed)) return {};
  const flat = Object.entries(parsed).filter(([, entry]) =>
    ["string", "number", "boolean"].includes(typeof entry),
  );
  return Object.fromEntries(flat.slice(0, MAX_METADATA));
}

function sendError(response: ServerResponse, error: GatewayError): void {
  sendJson(response, error.status, error.body());
}
