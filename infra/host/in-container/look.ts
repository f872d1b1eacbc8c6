import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { answer, Checks, type Fields, Refusal, readText } from "./channel";
import { type Compose, gatewayPort, hostPath, servicesSharing, usesOfKeys } from "./compose";
import { changedPaths, type Delta, inShort, NO_CHANGE, sameConfig } from "./delta";
import { placesInCompose, placesInState, refusalOf, siblings } from "./inventory";
import { getPath, isObject, type JsonObject } from "./json";
import { assignments, holdsKey, type KeyShapes, keyPattern } from "./key-search";
import { commentsIn, configPath, parseConfig, stateDirectory } from "./openclaw";
import { type Plan, planConfig, type Wanted } from "./planned-config";
import { checkVersion } from "./version";

/**
 * Reads, and changes nothing: where things are, which keys are where, whether `openclaw.json` is already as wanted.
 * Runs in a one-off container of the service, because only there are OpenClaw's own paths and a JSON parser at hand.
 * Everything that stands in the way is said at once.
 */
export function look(fields: Fields): void {
  const checks = new Checks();
  const compose = JSON.parse(fields.text("compose")) as Compose;
  const shapes = keyShapes(fields);
  const service = fields.text("service");
  const path = configPath(process.env);

  checks.run(() => checkVersion(fields.text("entry"), fields.text("allow-version")));
  checks.run(() => answer("config", locate(compose, service, path)));
  answer("port", String(gatewayPort(compose, service, process.env)));
  answer("services", servicesSharing(compose, service, dirname(path)).join(" "));
  answer("siblings", siblings(path, shapes).join("\n"));

  const taken = takenFromEnv(fields, shapes);
  answer("extra", taken.extra.join(" "));
  for (const name of taken.left)
    answer("note", `${name} stays in .env: its provider is none of this stack's`);
  for (const value of taken.values) answer("secret", value);
  const plan = checks.run(() => planFor(fields, path, new Set(taken.names)));
  for (const value of plan?.literals ?? []) answer("secret", value.value);
  for (const note of plan?.notes ?? []) answer("note", note);
  for (const refusal of plan?.refusals ?? []) checks.add(refusal);

  const providers = new Set(Object.keys(getPath(wantedPatch(fields), ["models", "providers"]) ?? {}));
  const cli = { service, entry: fields.text("entry") };
  const allowed = new Set(fields.json<string[]>("allow-keys", []));
  for (const place of [
    ...placesInCompose(usesOfKeys(compose, shapes, new Set(taken.values))),
    ...placesInState(stateDirectory(process.env), shapes, providers, cli),
  ]) {
    if (allowed.has(place.place)) answer("allowed", place.place);
    else checks.add(refusalOf(place));
  }
  checks.finish();
}

export function keyShapes(fields: Fields): KeyShapes {
  return {
    names: fields.words("names"),
    otherNames: fields.words("other-names"),
    patterns: fields.json<string[]>("patterns", []).map(keyPattern),
  };
}

export function readDelta(fields: Fields): Delta {
  return fields.json<Delta>("delta", NO_CHANGE);
}

function wantedPatch(fields: Fields): JsonObject {
  return fields.json<JsonObject>("patch", {});
}

/** What an apply is asked to make of `openclaw.json`. */
export function wantedConfig(fields: Fields, takenNames: ReadonlySet<string>): Wanted {
  return {
    patch: wantedPatch(fields),
    shapes: keyShapes(fields),
    providerIds: fields.json("provider-ids", {}),
    takenNames,
    acceptUnserved: new Set(fields.json<string[]>("accept-unserved", [])),
  };
}

/** The file's place on the machine. */
function locate(compose: Compose, service: string, path: string): string {
  const location = hostPath(compose, service, path);
  if (location) return location;
  throw new Refusal(
    "config_not_mounted",
    `${path} of the container is on no bind mount, so it cannot be changed safely from outside`,
    "a directory of the machine as OpenClaw's state directory, as in OpenClaw's own compose file",
    `docker compose cp ${service}:${dirname(path)} ./openclaw, then mount ./openclaw there`,
  );
}

/** The lines of `.env` that hold a provider key, under a vendor's name or another. */
function takenFromEnv(
  fields: Fields,
  shapes: KeyShapes,
): { names: string[]; extra: string[]; values: string[]; left: string[] } {
  const managed = new Set(shapes.names);
  const others = new Set(shapes.otherNames);
  const set = assignments(fields.text("env")).filter(({ value }) => value !== "");
  const lines = set.filter(
    ({ name, value }) => managed.has(name) || (!others.has(name) && holdsKey(value, shapes)),
  );
  const names = [...new Set(lines.map(({ name }) => name))];
  return {
    names,
    extra: names.filter((name) => !managed.has(name)),
    values: [...new Set(lines.map(({ value }) => value))],
    left: set.filter(({ name }) => others.has(name)).map(({ name }) => name),
  };
}

/** What an apply would make of the file as it is; says whether that is what it is already. */
function planFor(fields: Fields, path: string, takenNames: ReadonlySet<string>): Plan {
  const text = readText(path);
  if (text !== undefined && !lstatSync(path).isFile()) {
    throw new Refusal(
      "config_no_file",
      `${path} is a link`,
      "a regular file, which OpenClaw wants too",
      `cp --remove-destination "$(readlink -f openclaw.json)" openclaw.json`,
    );
  }
  const current = parseConfig(text ?? "", fields.text("entry"));
  if (includesFiles(current)) {
    throw new Refusal(
      "config_includes",
      "openclaw.json uses $include, and the included files are not looked at",
      "one file",
      "put the included parts into openclaw.json",
    );
  }
  const plan = planConfig(current, readDelta(fields), wantedConfig(fields, takenNames));
  answer("planned", sameConfig(plan.expected, current) ? "yes" : "no");
  const removed = removedPaths(fields.json("applied-patch", {}), wantedPatch(fields));
  answer("paths", inShort([...changedPaths(current, plan.expected), ...removed]));
  answer("comments", String(commentsIn(text ?? "")));
  return plan;
}

/** What the last apply put there and this one would not. */
function removedPaths(applied: JsonObject, wanted: JsonObject): string[] {
  return changedPaths(wanted, applied)
    .filter((path) => path.startsWith("+"))
    .map((path) => `-${path.slice(1)}`);
}

function includesFiles(config: JsonObject): boolean {
  return Object.entries(config).some(
    ([key, value]) => key === "$include" || (isObject(value) && includesFiles(value)),
  );
}
