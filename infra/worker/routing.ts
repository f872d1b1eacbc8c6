import type { ApiFamily, GatewayEndpoint } from "../llm-providers";
import { Refusal } from "./errors";
import { ENDPOINTS } from "./facts";

/** A route that a path was found to be. */
interface Operation {
  readonly method: string;
  /** The route's path as the table writes it: says what was called without what a client put in. */
  readonly pathClass: string;
  /** Names of the query parameters that are passed on. */
  readonly query: readonly string[];
  /** The URL at the gateway, without its query. */
  readonly sentUrl: string;
}

/** An endpoint that is enabled, with its URL at the gateway. */
export interface RoutedEndpoint extends GatewayEndpoint {
  readonly baseUrl: string;
  /** What was found for a method and path, so that it is looked for once in an isolate's life. */
  readonly found: Map<string, Operation>;
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
): { pathClass: string; sentUrl: string } {
  const key = `${method} ${path}`;
  const operation = endpoint.found.get(key) ?? match(endpoint, method, path);
  // Clients can think of any number of models.
  if (endpoint.found.size > 99) endpoint.found.clear();
  endpoint.found.set(key, operation);
  return {
    pathClass: operation.pathClass,
    sentUrl: operation.sentUrl + allowedQuery(url, operation.query),
  };
}

function match(
  { slug, baseUrl, pathPrefixes, sentPrefix, routes }: RoutedEndpoint,
  method: string,
  path: string,
): Operation {
  const rest = path.startsWith(`/${slug}/`) ? path.slice(slug.length + 1) : path;
  const served = routes.flatMap((route): Operation[] => {
    const [method = "", pathClass = "", query = ""] = route.split(/[ ?]/);
    const prefix = pathPrefixes.find((candidate) => isPath(rest, candidate + pathClass));
    if (prefix === undefined) return [];
    const sentUrl = baseUrl + (sentPrefix ?? prefix) + rest.slice(prefix.length);
    return [{ method, pathClass, query: query.split("&"), sentUrl }];
  });
  const operation = served.find((candidate) => candidate.method === method);
  if (operation) return operation;
  const allow = served.map((candidate) => candidate.method).join(", ");
  throw new Refusal(allow ? "method_not_allowed" : "unknown_path", "", { allow });
}

/** Whether a path is the one that the table writes. */
function isPath(path: string, written: string): boolean {
  if (!written.includes("{")) return path === written;
  // One segment that names a model. Starts with a letter or digit, so neither `.` nor `..`; no `%`, `/` or `:`.
  const pattern = written.replaceAll(".", "\\.").replaceAll("{model}", "[A-Za-z0-9][\\w.-]{0,127}");
  return new RegExp(`^${pattern}$`).test(path);
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

/** The parameters of the URL that are allowed, as sent; `""` or with its leading `?`. */
function allowedQuery(url: string, allowed: readonly string[]): string {
  const [, query = ""] = url.split("?");
  const kept = query
    .split("&")
    .filter((parameter) => parameter && allowed.includes(parameter.split("=")[0] ?? ""))
    .join("&");
  return kept && `?${kept}`;
}
