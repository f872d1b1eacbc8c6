import type { GatewayEndpoint } from "../llm-providers";
import { Refusal } from "./errors";

/** An operation of an endpoint, as a method and path were found to ask for it. */
export interface Operation<E> {
  readonly endpoint: E;
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
 * The operation that a method and path ask of an endpoint. The path is compared undecoded, so one with `%2f`, `%2e` or
 * `//` in it is simply not in the table; dot segments the runtime has resolved before.
 *
 * @throws Refusal `unknown_path` or `method_not_allowed`
 */
export function findOperation<E extends RoutedEndpoint>(
  endpoint: E,
  method: string,
  path: string,
): Operation<E> {
  const { slug, baseUrl, pathPrefixes, sentPrefix, routes } = endpoint;
  const rest = path.replace(`/${slug}/`, "/");
  const allowed: string[] = [];
  for (const route of routes) {
    const [served, pathClass, query = ""] = route.split(/[ ?]/) as [string, string, string?];
    const prefix = pathPrefixes.find((candidate) => isPath(rest, candidate + pathClass));
    if (prefix === undefined) continue;
    const sentUrl = baseUrl + (sentPrefix ?? prefix) + rest.slice(prefix.length);
    if (served === method) return { endpoint, pathClass, query: query.split("&"), sentUrl };
    allowed.push(served);
  }
  const code = allowed[0] ? "method_not_allowed" : "unknown_path";
  throw new Refusal(code, "", { allow: allowed.join(", ") });
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

/** The parameters of the URL that are allowed, as sent; `""` or with its leading `?`. */
export function allowedQuery(url: string, allowed: readonly string[]): string {
  const [, query] = url.split("?");
  if (!query) return "";
  const kept = query
    .split("&")
    .filter((parameter) => parameter && allowed.includes(parameter.split("=")[0] as string))
    .join("&");
  return kept && `?${kept}`;
}
