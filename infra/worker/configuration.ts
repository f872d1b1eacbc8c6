import type { GatewayEndpoint } from "../llm-providers";
import type { AcceptedToken } from "./authentication";
import { type Env, keyBinding } from "./bindings";
import { ENDPOINTS } from "./endpoints";
import { Refusal } from "./errors";
import { compileRoutes, type RouteTable } from "./routing";

/** An enabled endpoint with what the Worker adds to a request for it. */
export interface EnabledEndpoint extends GatewayEndpoint {
  /** The endpoint's URL at the gateway. */
  readonly baseUrl: string;
  /** Headers the Worker sets: the run token, the provider's key. Never taken from the client. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** Name of the binding that ought to hold the provider's key and does not. */
  readonly missingKey?: string;
}

/** The bindings, checked and made ready for use. */
export interface Configuration {
  readonly endpoints: readonly EnabledEndpoint[];
  readonly routes: RouteTable<EnabledEndpoint>;
  readonly acceptedTokens: readonly AcceptedToken[];
  /** The gateway's URL up to the provider's slug. */
  readonly gatewayUrl: string;
  readonly runAuthorization: string;
}

let parsedFrom: Env | undefined;
let parsed: Configuration | Refusal | undefined;

/**
 * The Worker's configuration, read once per isolate.
 *
 * @throws Refusal `worker_misconfigured` that names every binding at fault, never a value
 */
export function configurationOf(env: Env): Configuration {
  if (parsed === undefined || parsedFrom !== env) {
    parsed = readConfiguration(env);
    parsedFrom = env;
  }
  if (parsed instanceof Refusal) throw parsed;
  return parsed;
}

function readConfiguration(env: Env): Configuration | Refusal {
  const problems: string[] = [];
  /** The value in the form wanted; a binding that is missing or has another form is a problem. */
  function require<T>(name: keyof Env, read: (value: unknown) => T | undefined): T | undefined {
    const value: unknown = env[name];
    const result = read(value);
    if (result === undefined)
      problems.push(`${name} is ${value === undefined || value === "" ? "missing" : "invalid"}`);
    return result;
  }
  const origin = require("GATEWAY_URL", gatewayOrigin);
  const account = require("ACCOUNT_ID", (value) => text(value, /^[0-9a-f]{32}$/));
  const gateway = require("GATEWAY_ID", (value) => text(value, /^[\w-]{1,64}$/));
  const runToken = require("RUN_TOKEN", headerValue);
  const enabled = require("PROVIDERS", (value) => list(value, knownEndpoint));
  const acceptedTokens = require("HOST_TOKENS", (value) => list(value, acceptedToken));
  if (enabled === undefined || acceptedTokens === undefined || problems.length > 0) {
    return new Refusal("worker_misconfigured", problems.join(", "));
  }
  const gatewayUrl = `${origin}/v1/${account}/${gateway}`;
  const runAuthorization = `Bearer ${runToken}`;
  const endpoints = enabled.map((endpoint) => enable(endpoint, env, gatewayUrl, runAuthorization));
  return { endpoints, routes: compileRoutes(endpoints), acceptedTokens, gatewayUrl, runAuthorization };
}

function enable(
  endpoint: GatewayEndpoint,
  env: Env,
  gatewayUrl: string,
  runAuthorization: string,
): EnabledEndpoint {
  const baseUrl = `${gatewayUrl}/${endpoint.slug}`;
  const ownHeaders: Record<string, string> = { "cf-aig-authorization": runAuthorization };
  const { keyHeader } = endpoint;
  // A dynamic route or Workers AI model uses what the gateway holds: stored keys, unified billing, Workers AI.
  if (keyHeader === undefined) return { ...endpoint, baseUrl, ownHeaders };
  const binding = keyBinding(endpoint.slug);
  const key = headerValue(env[binding]);
  if (key === undefined) return { ...endpoint, baseUrl, ownHeaders, missingKey: binding };
  ownHeaders[keyHeader] = keyHeader === "authorization" ? `Bearer ${key}` : key;
  // Otherwise the gateway may fall back to the account's credits when the provider refuses the key.
  ownHeaders["cf-aig-no-wholesale"] = "true";
  return { ...endpoint, baseUrl, ownHeaders };
}

function text(value: unknown, form: RegExp): string | undefined {
  return typeof value === "string" && form.test(value) ? value : undefined;
}

/** What `fetch` sends as a header value unaltered. */
function headerValue(value: unknown): string | undefined {
  return text(value, /^[\x21-\x7e]+$/);
}

/** An https origin; plain http, which shows the keys to the network, for loopback alone. */
function gatewayOrigin(value: unknown): string | undefined {
  return text(value, /^(https:\/\/[\w.-]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\]))(:\d+)?\/?$/)?.replace(
    /\/$/,
    "",
  );
}

function knownEndpoint(slug: unknown): GatewayEndpoint | undefined {
  return ENDPOINTS.find((endpoint) => endpoint.slug === slug);
}

function acceptedToken(entry: unknown): AcceptedToken | undefined {
  const { host, sha256 } = Object(entry) as Record<string, unknown>;
  const name = text(host, /^[\x20-\x7e]{1,128}$/);
  const hex = text(sha256, /^[0-9a-f]{64}$/)?.match(/../g);
  if (name === undefined || !hex) return undefined;
  return {
    digest: Uint8Array.from(hex, (byte) => Number.parseInt(byte, 16)),
    metadata: JSON.stringify({ host: name }),
  };
}

/** A list, given as such or as JSON, each entry of which can be read. */
function list<T>(value: unknown, read: (entry: unknown) => T | undefined): T[] | undefined {
  try {
    const entries: unknown = typeof value === "string" ? JSON.parse(value) : value;
    if (!Array.isArray(entries)) return undefined;
    const results = entries.map(read).filter((entry) => entry !== undefined);
    return results.length === entries.length ? results : undefined;
  } catch {
    return undefined;
  }
}
