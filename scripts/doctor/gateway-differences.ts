import { gatewaySettings, WITHOUT_OFF } from "../../infra/cloudflare/gateway-settings";
import type { ParsedConfig } from "../../infra/config/parse";

/**
 * Where a gateway is not as it is configured: `cacheTtl is 300, configured is 0`. What the API has beside that is its
 * own business. The destinations with credentials are counted, not compared: the API hides those.
 */
export function gatewayDifferences(
  settings: ParsedConfig["gateway"],
  found: Readonly<Record<string, unknown>>,
): string[] {
  const absent = Object.fromEntries(WITHOUT_OFF.map((name) => [name, undefined]));
  const configured = { ...absent, ...gatewaySettings(settings) };
  const wrong = Object.entries(configured).filter(([name, value]) => !holds(found[inApi(name)], value));
  const otels = Array.isArray(found.otel) ? found.otel.length : 0;
  return [
    ...wrong.map(([name, value]) => `${name} is ${shown(found[inApi(name)])}, configured is ${shown(value)}`),
    ...(otels === settings.otels.length
      ? []
      : [`otels has ${otels}, configured are ${settings.otels.length}`]),
  ];
}

/** `cacheTtl` is `cache_ttl` there. */
function inApi(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether everything that is configured is there. Off, empty and absent are the same. */
function holds(found: unknown, configured: unknown): boolean {
  if (isOff(configured)) return isOff(found);
  if (Array.isArray(configured)) {
    return (
      Array.isArray(found) &&
      found.length === configured.length &&
      configured.every((item, index) => holds(found[index], item))
    );
  }
  if (configured === null || typeof configured !== "object") return found === configured;
  const properties = byName(found);
  return Object.entries(configured).every(([name, value]) => holds(properties.get(plain(name)), value));
}

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return true;
  return typeof value === "object" && Object.values(value).every(isOff);
}

/** Nested names differ in their writing: `limitType` and `limit_type`, `p1` and `P1`. */
function byName(value: unknown): Map<string, unknown> {
  return new Map(Object.entries((value ?? {}) as object).map(([name, inner]) => [plain(name), inner]));
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function shown(value: unknown): string {
  return isOff(value) && typeof value === "object" ? "none" : (JSON.stringify(value) ?? "none");
}
