import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { bearer, readBody, sendJson } from "../http/message";
import { permits } from "../store/permissions";
import type { TokenRecord } from "../store/records";
import { hashOf } from "../store/store";
import { ApiError, apiErrors } from "./api-error";
import type { Call, ControlPlane, Endpoint, Reply } from "./call";
import { endpoints } from "./endpoints";
import { type Fault, FaultSwitches } from "./faults";
import { staleRead } from "./stale-read";

const PREFIX = "/client/v4/";

/** The v4 API. What it does not serve is a 404 and a line in the log: an unexpected call must not go unseen. */
export function createControlPlane(plane: ControlPlane) {
  return createServer((request, response) => {
    answer(plane, request, response).catch((error: unknown) => refuse(plane, request, response, error));
  });
}

/** Switches for faults of the calls that are served. */
export function createFaults(): FaultSwitches {
  return new FaultSwitches(endpoints.map(({ method, path }) => ({ method, path: path.slice(1) })));
}

async function answer(
  plane: ControlPlane,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Read in any case: a client that is answered before it has sent everything may take that for a failure.
  const body = await readBody(request);
  const url = new URL(request.url ?? "/", "http://local");
  const fault = plane.faults.take(request.method ?? "", pathOfCall(plane, url.pathname));
  if (fault && (await prevents(fault, response))) return;
  const { endpoint, call } = admit(plane, request, url, body);
  const reply = fault?.fault === "stale-read" ? await staleRead(endpoint, call) : await endpoint.handle(call);
  if (fault?.fault === "cut-after") response.destroy();
  else send(response, reply);
}

/** Lets a fault happen that comes before the call. @returns whether the call has ended with it. */
async function prevents(fault: Fault, response: ServerResponse): Promise<boolean> {
  switch (fault.fault) {
    case "latency":
      await sleep(fault.milliseconds, undefined, { ref: false });
      return false;
    case "429":
      throw apiErrors.tooFast(fault.retryAfter ?? 1);
    case "5xx":
      if ((fault.status ?? 500) === 500) throw new Error("a fault was injected");
      response.writeHead(fault.status ?? 500, { "content-type": "text/plain" });
      response.end(`error code: ${fault.status}\n`);
      return true;
    case "cut-before":
      response.destroy();
      return true;
    case "cut-after":
    case "stale-read":
      return false;
  }
}

/** The path as faults name it: below the account where there is one. */
function pathOfCall({ store }: ControlPlane, path: string): string {
  const account = `${PREFIX}accounts/${store.state.accountId}/`;
  return path.slice(path.startsWith(account) ? account.length : PREFIX.length);
}

/** Finds the call, and checks that its token may make it. @throws ApiError */
function admit(
  plane: ControlPlane,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
): { endpoint: Endpoint; call: Call } {
  const token = identify(plane, request);
  const { endpoint, params } = find(plane, request.method ?? "", url.pathname);
  if (!token) throw isVerify(endpoint) ? apiErrors.invalidToken() : apiErrors.authentication();
  if (!isVerify(endpoint) && !permits(token, endpoint.permissions, plane.store.time())) {
    plane.log(
      `API: the token lacks ${endpoint.permissions.join(" or ")} for ${request.method} ${url.pathname}`,
    );
    throw apiErrors.authentication();
  }
  const call: Call = { ...plane, params, query: url.searchParams, headers: request.headers, body, token };
  return { endpoint, call };
}

/** About a token that has ended, too. */
function isVerify({ path }: Endpoint): boolean {
  return path.endsWith("/tokens/verify");
}

/** The token of a request, whatever it may do. */
function identify(plane: ControlPlane, request: IncomingMessage): TokenRecord | undefined {
  const value = bearer(request.headers.authorization);
  if (value === undefined) return undefined;
  if (hashOf(value) === plane.deployToken.hash) return plane.deployToken.record;
  return plane.store.tokenOfValue(value);
}

function find(
  plane: ControlPlane,
  method: string,
  path: string,
): { endpoint: Endpoint; params: Record<string, string> } {
  if (!path.startsWith(PREFIX)) throw apiErrors.noSuchPath(`${method} ${path}`);
  const segments = path.slice(PREFIX.length).split("/").map(decodeURIComponent);
  for (const endpoint of endpoints) {
    const pattern = endpoint.root ? endpoint.path : `/accounts/:account${endpoint.path}`;
    const params = endpoint.method === method ? match(pattern, segments) : undefined;
    if (!params) continue;
    const { account } = params;
    if (account !== undefined && account !== plane.store.state.accountId)
      throw apiErrors.unknownAccount(account);
    return { endpoint, params };
  }
  throw apiErrors.noSuchPath(`${method} ${path}`);
}

function match(pattern: string, segments: readonly string[]): Record<string, string> | undefined {
  const wanted = pattern.slice(1).split("/");
  if (wanted.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return params;
}

function send(response: ServerResponse, reply: Reply): void {
  if ("raw" in reply) {
    response.writeHead(200, { "content-type": reply.contentType, "content-length": reply.raw.length });
    response.end(reply.raw);
    return;
  }
  sendJson(response, 200, "envelope" in reply ? reply.envelope : enveloped(reply.result, reply.resultInfo));
}

function enveloped(result: unknown, resultInfo: unknown) {
  const info = resultInfo === undefined ? {} : { result_info: resultInfo };
  return { success: true, errors: [], messages: [], result, ...info };
}

function refuse(
  plane: ControlPlane,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const known = error instanceof ApiError;
  const what = known ? error.message : error instanceof Error ? error.stack : String(error);
  const status = known ? error.status : 500;
  plane.log(`API: ${request.method} ${request.url?.split("?")[0]} -> ${status} ${what}`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const errors = known ? error.entries : [{ code: 10013, message: "An unknown error has occurred" }];
  const body = { success: false, errors, messages: [], result: null };
  sendJson(response, status, body, known ? error.headers : {});
}
