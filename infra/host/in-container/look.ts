import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { answer, type Fields, Refusal, readText } from "./channel";
import { type Compose, gatewayPort, hostPath, servicesSharing, usesOfKeys } from "./compose";
import { type Delta, NO_CHANGE, sameConfig } from "./delta";
import { isObject, type JsonObject } from "./json";
import { assignments, holdsKey, type KeyShapes } from "./key-search";
import { configPath, parseConfig, stateDirectory } from "./openclaw";
import { planConfig } from "./planned-config";

/**
 * Reads, and changes nothing: where things are, which keys are where, whether `openclaw.json` is already as wanted.
 * Runs in a one-off container of the service, because only there are OpenClaw's own paths and a JSON parser at hand.
 */
export function look(fields: Fields): void {
  const compose = JSON.parse(fields.text("compose")) as Compose;
  const shapes = keyShapes(fields);
  const path = configPath(process.env);
  const location = hostPath(compose, fields.text("service"), path);
  if (!location) {
    throw new Refusal(
      `${path} of the container is not on a bind mount, so it cannot be changed safely from outside`,
    );
  }
  answer("config", location);
  answer("port", String(gatewayPort(compose, fields.text("service"), process.env)));
  answer("services", servicesSharing(compose, fields.text("service"), dirname(path)).join(" "));
  answer("siblings", siblings(path, shapes).join("\n"));

  const managed = new Set(fields.words("names"));
  const taken = assignments(fields.text("env")).filter(
    ({ name, value }) => value !== "" && (managed.has(name) || holdsKey(value, shapes)),
  );
  const extra = new Set(taken.filter(({ name }) => !managed.has(name)).map(({ name }) => name));
  answer("extra", [...extra].join(" "));
  const literals = lookAtConfig(fields, path, shapes);
  for (const value of new Set([...taken.map((line) => line.value), ...literals])) answer("secret", value);

  const elsewhere = [
    ...usesOfKeys(compose, shapes, new Set(taken.map((line) => line.value))),
    ...keysInState(stateDirectory(process.env), path, shapes),
  ];
  for (const place of elsewhere) answer("elsewhere", place);
}

export function keyShapes(fields: Fields): KeyShapes {
  const sources = JSON.parse(fields.text("patterns") || "[]") as string[];
  return { names: fields.words("names"), patterns: sources.map((source) => new RegExp(source)) };
}

export function readDelta(fields: Fields): Delta {
  const text = fields.text("delta");
  return text ? (JSON.parse(text) as Delta) : NO_CHANGE;
}

/** Whether the file is what an apply would make of it; answers with the literal keys that it holds. */
function lookAtConfig(fields: Fields, path: string, shapes: KeyShapes): readonly string[] {
  const text = readText(path);
  if (text !== undefined && !lstatSync(path).isFile()) {
    throw new Refusal(`${path} is not a regular file; OpenClaw refuses that too`);
  }
  const current = parseConfig(text ?? "", fields.text("entry"));
  if (includesFiles(current)) {
    throw new Refusal(
      "openclaw.json uses $include, which this version does not follow: put everything in one file",
    );
  }
  const patch = JSON.parse(fields.text("patch") || "{}") as JsonObject;
  const plan = planConfig(current, readDelta(fields), patch, shapes);
  answer("planned", sameConfig(plan.expected, current) ? "yes" : "no");
  return plan.keys;
}

function includesFiles(config: JsonObject): boolean {
  return Object.entries(config).some(
    ([key, value]) => key === "$include" || (isObject(value) && includesFiles(value)),
  );
}

/** Copies that OpenClaw keeps beside its configuration (`.bak`, `.bak.1`, `.last-good`, …): `name keys|clean`. */
function siblings(path: string, shapes: KeyShapes): string[] {
  const prefix = `${basename(path)}.`;
  return readdirSync(dirname(path), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith(prefix))
    .map(
      (entry) => `${entry.name} ${fileHoldsKey(join(dirname(path), entry.name), shapes) ? "keys" : "clean"}`,
    )
    .sort();
}

/** Places in OpenClaw's state that can hold a key and that we do not manage. */
function keysInState(state: string, config: string, shapes: KeyShapes): string[] {
  const candidates = [".env", "auth-profiles.json", "credentials"].map((name) => join(state, name));
  const agents = join(state, "agents");
  for (const agent of list(agents)) {
    for (const name of list(join(agents, agent, "agent"))) {
      if (/^(auth|models|auth-profiles)\.json|\.sqlite(-wal)?$/.test(name)) {
        candidates.push(join(agents, agent, "agent", name));
      }
    }
  }
  return candidates
    .flatMap((path) =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory()
        ? list(path).map((n) => join(path, n))
        : [path],
    )
    .filter((path) => path !== config && fileHoldsKey(path, shapes))
    .map((path) => `${path} (in the container) holds a provider key`);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return []; // most of these places exist on few hosts
  }
}

function fileHoldsKey(path: string, shapes: KeyShapes): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  // Latin-1 keeps every byte, so that a key inside a database file is found too.
  return stat?.isFile() === true && holdsKey(readFileSync(path, "latin1"), shapes);
}
