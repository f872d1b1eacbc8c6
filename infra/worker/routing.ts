import type { ApiFamily, GatewayEndpoint } from "../llm-providers";
import { Refusal } from "./errors";
import { ENDPOINTS } from "./facts";

/** One route of an endpoint, ready to be compared. */
interface Operation {
  readonly method: string;
  /** The route's path as the table writes it: says what was called without what a client put in. */
  readonly pathClass: string;
  /** Matches the prefix of a whole path that is this route's. */
  readonly prefix: RegExp;
  readonly query: readonly string[];
}

/** An endpoint that is enabled, with its URL at the gateway. */
export interface RoutedEndpoint extends GatewayEndpoint {
  readonly baseUrl: string;
  /** Compiled at the first request for it: an isolate that serves one provider never pays for the others. */
  operations?: readonly Operation[];
  /** What was found for a path without a placeholder, so that a path is matched once in an isolate's life. */
  readonly found: Map<string, Found>;
}

/** Where a request goes: the operation, and the URL at the gateway without its query. */
interface Found extends Operation {
  readonly sentUrl: string;
}

/** The endpoint that a path belongs to: by its first segment, or by the whole of it where that is served without. */
export function findEndpoint<E extends GatewayEndpoint>(
  endpoints: readonly E[],
  path: string,
): E | undefined {
  return endpoints.find(
    ({ slug, unprefixed, pathPrefixes }) =>
      path.startsWith(`/${slug}/`) ||
      unprefixed?.some((served) => pathPrefixes.some((prefix) => path === prefix + served)),
  );
}

/**
 * The operation that a request asks of an endpoint, and the URL at the gateway for it. The path is compared undecoded,
 * so one with `%2f`, `%2e` or `//` in it is simply not in the table; dot segments the runtime has resolved before.
 *
 * @throws Refusal `unknown_path` or `method_not_allowed`
 */
export function findOperation(
  endpoint: RoutedEndpoint,
  { method, url }: Request,
  path: string,
): { pathClass: string; gatewayUrl: string } {
  const key = `${method} ${path}`;
  const found = endpoint.found.get(key) ?? match(endpoint, method, path);
  const { pathClass, query, sentUrl } = found;
  // Only paths of the table are kept: there are few of them, while clients can think of any number of models.
  if (!pathClass.includes("{")) endpoint.found.set(key, found);
  return { pathClass, gatewayUrl: sentUrl + allowedQuery(url, query) };
}

function match(endpoint: RoutedEndpoint, method: string, path: string): Found {
  const { slug, baseUrl, sentPrefix } = endpoint;
  endpoint.operations ??= compile(endpoint);
  const rest = path.startsWith(`/${slug}/`) ? path.slice(slug.length + 1) : path;
  const served = endpoint.operations.filter(({ prefix }) => prefix.test(rest));
  const operation = served.find((candidate) => candidate.method === method);
  if (!operation) {
    const allow = served.map((candidate) => candidate.method).join(", ");
    throw new Refusal(allow ? "method_not_allowed" : "unknown_path", "", { allow });
  }
  const sent = sentPrefix === undefined ? rest : rest.replace(operation.prefix, sentPrefix);
  return { ...operation, sentUrl: baseUrl + sent };
}

/** The path of a request's URL, undecoded. Slicing, as it costs a fifth of `new URL`. */
export function pathOf(url: string): string {
  const end = url.indexOf("?");
  // The first slash behind that of `http://` or `https://`.
  return url.slice(url.indexOf("/", 8), end < 0 ? undefined : end);
}

/** The API family of a path that leads to nothing that is enabled; OpenAI's where the path does not tell. */
export function apiFamilyOf(path: string): ApiFamily {
  return findEndpoint(ENDPOINTS, path)?.apiFamily ?? "openai";
}

function compile({ pathPrefixes, routes }: RoutedEndpoint): Operation[] {
  // One segment that names a model. Starts with a letter or digit, so neither `.` nor `..`; no `%`, `/` or `:`.
  const modelSegment = "[A-Za-z0-9][\\w.-]{0,127}";
  return routes.map((route) => {
    const [method = "", pathClass = "", query = ""] = route.split(/[ ?]/);
    const paths = `(${pathPrefixes.join("|")})(?=${pathClass}$)`;
    const pattern = paths.replaceAll(".", "\\.").replaceAll("{model}", modelSegment);
    return { method, pathClass, prefix: new RegExp(`^${pattern}`), query: query.split("&") };
  });
}

/** The parameters of the URL that are allowed, as sent; `""` or with its leading `?`. */
function allowedQuery(url: string, allowed: readonly string[]): string {
  const [, query = ""] = url.split("?");
  const kept = query
    .split("&")
    .filter((parameter) => parameter && allowed.includes(parameter.split("=")[0] ?? ""))
    .join("&");
  return kept && `?${kept}`;
}
