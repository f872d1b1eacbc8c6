import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { answer, Checks, type Fields, Refusal, readText } from "./channel";
import { type Compose, gatewayPort, hostPath, mountOf, servicesSharing, usesOfKeys } from "./compose";
import { changedPaths, type Delta, inShort, NO_CHANGE, sameConfig } from "./delta";
import { type KeysInEnv, keysInEnv, NO_KEYS } from "./env-keys";
import {
  besideVariable,
  type KeyPlace,
  ownProviders,
  placesInCompose,
  placesInCopies,
  placesInState,
  refusalOf,
  siblings,
} from "./inventory";
import { isObject, type Json, type JsonObject } from "./json";
import { type KeyShapes, keyPattern } from "./key-search";
import type { ProviderIds } from "./model-refs";
import { commentsIn, configPath, parseConfig, stateDirectory } from "./openclaw";
import { fitToKeys, keylessEntries } from "./own-keys";
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
  answer("port", gatewayPort(compose, service, process.env));
  answer("services", servicesSharing(compose, service, dirname(path)).join(" "));
  answer("siblings", siblings(path, managedShapes(fields)).join("\n"));

  const keys = keysInEnv(fields.text("env"), shapes);
  for (const value of keys.values) answer("secret", value);
  for (const value of keys.unused) answer("unused", value);
  const taken = fields.isDirect ? NO_KEYS : keys;
  answer("extra", taken.names.filter((name) => !shapes.names.includes(name)).join(" "));
  answer("lines", taken.lines.join(" "));
  answer("env_comments", taken.comments.join(" "));
  for (const name of taken.left)
    answer("note", `${name} stays in .env: its provider is none of this stack's`);
  const plan = checks.run(() => planFor(fields, path, new Set(taken.names)));
  for (const value of plan?.literals ?? []) answer("secret", value.value);
  for (const note of plan?.notes ?? []) answer("note", note);
  for (const { id, variable } of keylessEntries(wantedPatch(fields), fields))
    answer("note", `${id} is left out on this host: ${variable} is not set`);
  for (const refusal of plan?.refusals ?? []) checks.add(refusal);

  if (!fields.isDirect) {
    const places = keysElsewhere(fields, compose, shapes, taken);
    const allowed = allowedKeys(fields);
    for (const { place } of places) if (allowed.includes(place)) answer("allowed", place);
    refusePlaces(fields, places, checks);
  }
  checks.finish();
}

function allowedKeys(fields: Fields): string[] {
  return fields.json<string[]>("allow-keys", []);
}

/** Those that the operator has not accepted. */
export function refusePlaces(fields: Fields, places: readonly KeyPlace[], checks: Checks): void {
  const allowed = allowedKeys(fields);
  const refused = places.filter(({ place }) => !allowed.includes(place));
  for (const [index, place] of refused.entries()) checks.add(refusalOf(place, allowed.length + index));
}

/** The places with a provider key that this program does not change. */
function keysElsewhere(fields: Fields, compose: Compose, shapes: KeyShapes, taken: KeysInEnv): KeyPlace[] {
  const providers = ownProviders(fields);
  const cli = { service: fields.text("service"), entry: fields.text("entry") };
  return [
    ...taken.beside.map(besideVariable),
    ...placesInCompose(usesOfKeys(compose, shapes, new Set(taken.values))),
    ...placesInCopies(configPath(process.env), shapes),
    ...placesInState(stateDirectory(process.env), shapes, providers, cli),
  ];
}

export function keyShapes(fields: Fields): KeyShapes {
  return {
    names: fields.words("names"),
    otherNames: fields.words("other-names"),
    patterns: fields.json<string[]>("patterns", []).map(keyPattern),
  };
}

/** The keys that an apply takes out, or refuses to leave: none where the host keeps its own. */
function managedShapes(fields: Fields): KeyShapes {
  return fields.isDirect ? { names: [], otherNames: [], patterns: [] } : keyShapes(fields);
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
    ...fitToKeys(wantedPatch(fields), fields.json<ProviderIds>("provider-ids", {}), fields),
    shapes: managedShapes(fields),
    takenNames,
    givenNames: new Set(fields.words("variables").filter((_, index) => index % 2 === 0)),
    acceptUnserved: fields.json<string[]>("accept-unserved", []),
  };
}

/** What a path is in that is in no directory of the machine. */
function placeOf(compose: Compose, service: string, path: string): string {
  const mount = mountOf(compose.services?.[service], path);
  return mount === undefined
    ? "in the container itself"
    : `in the ${mount.type} ${mount.source ?? ""}`.trimEnd();
}

/** The file's place on the machine. */
export function locate(compose: Compose, service: string, path: string): string {
  const location = hostPath(compose, service, path);
  if (location) return location;
  throw new Refusal(
    "config_not_mounted",
    `${path} of the container is ${placeOf(compose, service, path)}, and cannot be changed safely from outside`,
    "a directory of the machine as OpenClaw's state directory, as in OpenClaw's own compose file",
    `docker compose cp ${service}:${dirname(path)} ./openclaw, then mount ./openclaw there`,
  );
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
      "openclaw.json uses $include: OpenClaw would write changes into the included files, which are not looked at",
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

/** Anywhere, also in an item of a list, where OpenClaw takes it too. */
function includesFiles(value: Json): boolean {
  if (Array.isArray(value)) return value.some(includesFiles);
  return (
    isObject(value) &&
    Object.entries(value).some(([key, inner]) => key === "$include" || includesFiles(inner))
  );
}
