import type { Json } from "./json";
import { isObject } from "./json";
import { holdsKey, isKey, type KeyShapes } from "./key-search";

/** The part of `docker compose config --format json` that is read here. */
export interface Compose {
  readonly services?: Readonly<Record<string, ComposeService>>;
}

export interface ComposeService {
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly { type?: string; source?: string; target?: string }[];
  readonly command?: readonly string[] | null;
}

/** Path on the host of a path in the service's container, when a bind mount covers it. */
export function hostPath(compose: Compose, service: string, path: string): string | undefined {
  const mount = mountOf(compose.services?.[service], path);
  if (mount?.type !== "bind" || !mount.source || !mount.target) return undefined;
  return `${mount.source.replace(/\/$/, "")}${path.slice(mount.target.replace(/\/$/, "").length)}`;
}

/** The innermost mount above a path. */
export function mountOf(service: ComposeService | undefined, path: string) {
  return (service?.volumes ?? [])
    .filter(({ target }) => target && (path === target || path.startsWith(`${target.replace(/\/$/, "")}/`)))
    .sort((a, b) => (b.target ?? "").length - (a.target ?? "").length)[0];
}

/** The services that read the same OpenClaw configuration, the gateway's own first: all need our variables. */
export function servicesSharing(compose: Compose, service: string, directory: string): string[] {
  const source = mountOf(compose.services?.[service], directory)?.source;
  const others = Object.entries(compose.services ?? {})
    .filter(
      ([name, other]) => name !== service && source && (other.volumes ?? []).some((v) => v.source === source),
    )
    .map(([name]) => name);
  return [service, ...others.sort()];
}

/** The gateway's port as its command or its variable has it; without either the configuration has it, or it is the default. */
export function gatewayPort(compose: Compose, service: string, env: NodeJS.ProcessEnv): string {
  const command = compose.services?.[service]?.command ?? [];
  const flag = command.indexOf("--port");
  const joined = command.find((word) => word.startsWith("--port="))?.slice("--port=".length);
  const value = joined ?? (flag >= 0 ? command[flag + 1] : env.OPENCLAW_GATEWAY_PORT);
  // The variable may have an address before it, as Compose takes it where a port is published.
  return /\d+$/.exec(value ?? "")?.[0] ?? "";
}

/** A service that gets a provider key, and by which variable; none: somewhere outside its environment. */
export interface KeyUse {
  readonly service: string;
  readonly variable?: string;
}

/**
 * Provider keys in the effective configuration that do not come from the lines which are taken out of `.env`:
 * literals in a compose file, another env file, a secret store.
 *
 * @param taken values of those lines. The same key in a compose file shows only when they are gone
 */
export function usesOfKeys(compose: Compose, shapes: KeyShapes, taken: ReadonlySet<string>): KeyUse[] {
  const uses: KeyUse[] = [];
  // `Bearer ${OPENAI_API_KEY}` has no key when `.env` has none. The longest goes first: one may begin another.
  const longestFirst = [...taken].filter((value) => value !== "").sort((a, b) => b.length - a.length);
  const withoutTaken = (text: string) =>
    longestFirst.reduce((rest, value) => rest.replaceAll(value, ""), text);
  for (const [service, definition] of Object.entries(compose.services ?? {})) {
    const { environment = {}, ...rest } = definition;
    for (const [variable, value] of Object.entries(environment)) {
      const left = withoutTaken(value ?? "");
      if (left !== "" && isKey(variable, left, shapes)) uses.push({ service, variable });
    }
    if (texts(rest as Json).some((text) => holdsKey(withoutTaken(text), shapes))) uses.push({ service });
  }
  return uses;
}

function texts(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.values(value).flatMap(texts) : [];
}
