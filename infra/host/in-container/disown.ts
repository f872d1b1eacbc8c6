import { dirname } from "node:path";
import { answer, type Fields, readText } from "./channel";
import { type Compose, gatewayPort, servicesSharing } from "./compose";
import { deletePath, getPath, isObject, type Json, type JsonObject } from "./json";
import { locate } from "./look";
import { configPath, parseConfig } from "./openclaw";

const OURS = /\$\{(AI_GATEWAY_WORKER_URL|AI_GATEWAY_AUTH_TOKEN|CLOUDFLARE_AIG_TOKEN)\}/g;

/**
 * What was sealed is gone, so nothing says how `openclaw.json` was: takes out what refers to a variable of ours that the
 * container does not have any more. An operator may have such a variable himself.
 */
export function disown(fields: Fields): void {
  const compose = JSON.parse(fields.text("compose")) as Compose;
  const service = fields.text("service");
  const path = configPath(process.env);
  answer("config", locate(compose, service, path));
  answer("port", gatewayPort(compose, service, process.env));
  answer("services", servicesSharing(compose, service, dirname(path)).join(" "));

  const config = parseConfig(readText(path) ?? "", fields.text("entry"));
  const paths = orphans(config, (name) => !process.env[name]);
  for (const orphan of paths) deletePath(config, orphan);
  answer("removed", paths.map((orphan) => orphan.join(".")).join(", "));
  answer("content", `${JSON.stringify(config, null, 2)}\n`);
}

/** The places whose value cannot be without a variable that is gone. */
export function orphans(config: JsonObject, isGone: (name: string) => boolean): string[][] {
  const refers = (value: Json | undefined) =>
    [...JSON.stringify(value ?? null).matchAll(OURS)].some(([, name]) => isGone(name ?? ""));
  const visit = (path: string[], value: Json): string[][] => {
    if (!refers(value)) return [];
    const children = Array.isArray(value)
      ? value.every(isObject) && value.map((item, index): [string, Json] => [String(index), item])
      : isObject(value) && Object.entries(value);
    // A part of a provider's entry is no valid entry, and a text in a list cannot be taken out of it alone.
    if (!children || isProvider(path)) return [path];
    return children.flatMap(([key, child]) => visit([...path, key], child));
  };
  const places = Object.entries(config).flatMap(([key, value]) => visit([key], value));
  return [...places, ...forbiddenProfiles(config, places)];
}

function isProvider(path: readonly string[]): boolean {
  return path.length === 3 && path[0] === "models" && path[1] === "providers";
}

/** Our empty lists keep OpenClaw from the credentials that it has stored for these providers. */
function forbiddenProfiles(config: JsonObject, places: readonly string[][]): string[][] {
  return places
    .filter(isProvider)
    .map(([, , id = ""]) => ["auth", "order", id])
    .filter((path) => {
      const order = getPath(config, path);
      return Array.isArray(order) && order.length === 0;
    });
}
