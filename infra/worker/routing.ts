import type { ApiFamily, GatewayEndpoint, HttpMethod, ProviderRoute } from "../llm-providers";
import { ENDPOINTS } from "./endpoints";
import { Refusal } from "./errors";

/** Where a request goes: the endpoint's entry and the URL at the gateway. */
export interface Call<E> {
  readonly endpoint: E;
  readonly url: string;
}

/** What one path serves, by method. */
type Operations<E> = Partial<Record<HttpMethod, { endpoint: E; url: string; query: readonly string[] }>>;

/** Paths of the enabled endpoints: those without a placeholder by look-up, the others by pattern. */
export interface RouteTable<E> {
  readonly exact: ReadonlyMap<string, Operations<E>>;
  readonly patterns: readonly (readonly [pattern: RegExp, operations: Operations<E>])[];
}

/** One segment that names a model. Starts with a letter or digit, so neither `.` nor `..`; no `%`, `/` or `:`. */
const MODEL_SEGMENT = "([A-Za-z0-9][A-Za-z0-9._-]{0,127})";
const PLACEHOLDER = "{model}";

/** Compiles the provider table for the enabled endpoints. `baseUrl` is an endpoint's URL at the gateway. */
export function compileRoutes<E extends GatewayEndpoint & { readonly baseUrl: string }>(
  endpoints: readonly E[],
): RouteTable<E> {
  const exact = new Map<string, Operations<E>>();
  for (const endpoint of endpoints) {
    for (const route of endpoint.routes) {
      for (const { path, sent } of pathsOf(endpoint, route)) {
        const operation = { endpoint, url: endpoint.baseUrl + sent, query: route.query ?? [] };
        exact.set(path, { ...exact.get(path), [route.method]: operation });
      }
    }
  }
  const patterns: [RegExp, Operations<E>][] = [];
  for (const [path, operations] of exact) {
    if (!path.includes(PLACEHOLDER)) continue;
    exact.delete(path);
    patterns.push([new RegExp(`^${path.replace(PLACEHOLDER, MODEL_SEGMENT)}$`), operations]);
  }
  return { exact, patterns };
}

/**
 * Finds where a request goes. The path is compared undecoded, so one with `%2f`, `%2e` or `//` in it is simply not in
 * the table; dot segments the runtime has resolved before. What goes to the gateway is the table's own path.
 *
 * @throws Refusal `unknown_path` or `method_not_allowed`
 */
export function findCall<E>(table: RouteTable<E>, method: string, url: string): Call<E> {
  const path = pathOf(url);
  const { operations, model } = operationsAt(table, path);
  const operation = operations[method as HttpMethod];
  if (operation === undefined) {
    throw new Refusal("method_not_allowed", undefined, { allow: Object.keys(operations).join(", ") });
  }
  return {
    endpoint: operation.endpoint,
    url: operation.url.replace(PLACEHOLDER, model) + allowedQuery(url, operation.query),
  };
}

function operationsAt<E>(table: RouteTable<E>, path: string): { operations: Operations<E>; model: string } {
  const exact = table.exact.get(path);
  if (exact !== undefined) return { operations: exact, model: "" };
  for (const [pattern, operations] of table.patterns) {
    const model = pattern.exec(path)?.[1];
    if (model !== undefined) return { operations, model };
  }
  throw new Refusal("unknown_path");
}

/** The path of a request's URL, undecoded. Slicing, as it costs a fifth of `new URL`. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", start);
  return end === -1 ? url.slice(start) : url.slice(start, end);
}

/** The API family in which a path's client expects its errors; OpenAI's where the path does not tell. */
export function apiFamilyOf(path: string): ApiFamily {
  const serves = (endpoint: GatewayEndpoint) =>
    endpoint.routes.some((route) => pathsOf(endpoint, route).some((served) => served.path === path));
  const endpoint = ENDPOINTS.find(({ slug }) => path.startsWith(`/${slug}/`)) ?? ENDPOINTS.find(serves);
  return endpoint?.apiFamily ?? "openai";
}

/** Every path at which a route is served, and what the gateway is sent after the slug for it. */
function pathsOf(
  { slug, pathPrefixes, sentPrefix }: GatewayEndpoint,
  { path, unprefixed }: ProviderRoute,
): { path: string; sent: string }[] {
  const origins = unprefixed ? [`/${slug}`, ""] : [`/${slug}`];
  return pathPrefixes.flatMap((prefix) =>
    origins.map((origin) => ({ path: origin + prefix + path, sent: (sentPrefix ?? prefix) + path })),
  );
}

/** The parameters of the URL that are allowed, as sent; `""` or with its leading `?`. */
function allowedQuery(url: string, allowed: readonly string[]): string {
  const start = url.indexOf("?");
  if (start === -1 || allowed.length === 0) return "";
  const kept = url
    .slice(start + 1)
    .split("&")
    .filter((parameter) => allowed.includes(parameter.split("=", 1)[0] ?? ""));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}
