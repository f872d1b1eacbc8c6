import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type AuthProfile, authFiles, authProfiles, list } from "./auth-store";
import { type Fields, Refusal, readText } from "./channel";
import type { KeyUse } from "./compose";
import { keysInEnv } from "./env-keys";
import { getPath, isObject } from "./json";
import { type KeyShapes, keysIn } from "./key-search";

/** A provider key in a place that this program does not change. */
export interface KeyPlace {
  /** Its name in `hosts[].allowKeys`. */
  readonly place: string;
  readonly found: string;
  /** What takes the key out of there. */
  readonly fix: string;
}

/**
 * The refusal of one place; it names the setting that accepts it.
 *
 * @param index the free one in `hosts[].allowKeys`: the command of another refusal must not be undone by this one
 */
export function refusalOf({ place, found, fix }: KeyPlace, index: number): Refusal {
  return new Refusal(
    "key_elsewhere",
    found,
    "provider keys in .env and openclaw.json alone, where they are sealed",
    `${fix}; or accept it: pulumi config set --path 'hosts[N].allowKeys[${index}]' '${place}'`,
  );
}

/** A key in the comment behind a value of `.env` that is none: taken out, the line would take the value along. */
export function besideVariable(name: string): KeyPlace {
  return {
    place: `.env:${name}`,
    found: `.env holds a provider key in the comment behind ${name}`,
    fix: "take the key out of that comment",
  };
}

/** Keys that reach a service from another file than `.env`. */
export function placesInCompose(uses: readonly KeyUse[]): KeyPlace[] {
  return uses.map(({ service, variable }) =>
    variable === undefined
      ? {
          place: service,
          found: `service ${service} has a provider key in a compose file, outside its environment`,
          fix: `move it to .env and refer to it as \${NAME}`,
        }
      : {
          place: `${service}:${variable}`,
          found: `service ${service} gets the provider key ${variable} from a compose file or another env_file`,
          fix: "move it to .env",
        },
  );
}

/** How the operator reaches OpenClaw's own command line. */
export interface CommandLine {
  readonly service: string;
  readonly entry: string;
}

/**
 * OpenClaw's ids of the stack's providers: its own, which profiles are stored under, and those of the entries that the
 * stack makes. `legacy` makes none.
 */
export function ownProviders(fields: Fields): ReadonlySet<string> {
  const entries = getPath(fields.json("patch", {}), ["models", "providers"]);
  return new Set([...Object.keys(isObject(entries) ? entries : {}), ...fields.words("auth-providers")]);
}

/** Keys in OpenClaw's state: its own `.env`, stored auth profiles, files of earlier versions. */
export function placesInState(
  state: string,
  shapes: KeyShapes,
  providers: ReadonlySet<string>,
  cli: CommandLine,
): KeyPlace[] {
  const isOwn = ({ provider }: AuthProfile) => providers.has(provider.toLowerCase());
  const all = authProfiles(state);
  const profiles = all.filter(isOwn);
  const stored = profiles.map(({ id, file }) => ({
    place: `profile:${id}`,
    found: `OpenClaw has the auth profile ${id} stored in ${file}; one-shot commands prefer it to openclaw.json`,
    fix: `docker compose exec ${cli.service} node ${cli.entry} models auth logout ${id} --yes`,
  }));
  const explained = new Set(profiles.map(({ file }) => file));
  // Another provider's key stays, whatever its shape.
  const others = all.flatMap((profile) =>
    isOwn(profile) || profile.credential.kind !== "key" ? [] : [profile.credential.value],
  );
  const { databases, json } = authFiles(state);
  const remains = databases
    .filter((file) => !explained.has(file) && fileHoldsKey(file, shapes, others))
    .map((file) => ({
      place: file,
      found: `${file} (in the container) holds the bytes of a provider key; a deleted one stays in the file`,
      fix:
        `docker compose stop ${cli.service} && docker compose run --rm --no-deps --entrypoint node ${cli.service} ` +
        `-e 'new (require("node:sqlite").DatabaseSync)("${file}").exec("VACUUM")'`,
    }));
  const env = join(state, ".env");
  const files = [...json, ...olderFiles(state)]
    .filter((file) => !explained.has(file) && fileHoldsKey(file, shapes, others))
    .concat(envFileHoldsKey(env, shapes) ? [env] : [])
    .map((file) => ({
      place: file,
      found: `${file} (in the container) holds a provider key`,
      fix: "take the key out of that file",
    }));
  return [...stored, ...remains, ...files];
}

/** By name too: not every vendor's keys have a shape. */
function envFileHoldsKey(file: string, shapes: KeyShapes): boolean {
  const { names, unused } = keysInEnv(readText(file) ?? "", shapes);
  return names.length > 0 || unused.length > 0;
}

/** Where versions before 2026.9 kept credentials. */
function olderFiles(state: string): string[] {
  const credentials = join(state, "credentials");
  const agents = list(join(state, "agents")).flatMap((agent) =>
    ["auth.json", "models.json"].map((name) => join(state, "agents", agent, "agent", name)),
  );
  return [...list(credentials).map((name) => join(credentials, name)), ...agents];
}

/** Copies that OpenClaw keeps beside its configuration (`.bak`, `.bak.1`, `.last-good`, …): `name keys|clean`. */
export function siblings(path: string, shapes: KeyShapes): string[] {
  return filesBeside(path)
    .filter((name) => isOpenClawsCopy(path, name))
    .map((name) => `${name} ${fileHoldsKey(join(dirname(path), name), shapes) ? "keys" : "clean"}`);
}

/** Copies that the operator made, under any name, with a key in them: `openclaw.json~`, `openclaw.backup.json`. */
export function placesInCopies(path: string, shapes: KeyShapes): KeyPlace[] {
  const stem = basename(path).replace(/\..*$/, "");
  return filesBeside(path)
    .filter((name) => name.startsWith(stem) && name.includes("json") && !isOpenClawsCopy(path, name))
    .map((name) => join(dirname(path), name))
    .filter((file) => fileHoldsKey(file, shapes))
    .map((file) => ({
      place: file,
      found: `${file} (in the container) holds a provider key`,
      fix: "delete that copy, or take the key out of it",
    }));
}

function isOpenClawsCopy(path: string, name: string): boolean {
  return name.startsWith(`${basename(path)}.`) && /^[\w.-]+$/.test(name);
}

function filesBeside(path: string): string[] {
  return readdirSync(dirname(path), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== basename(path))
    .map(({ name }) => name)
    .sort();
}

function fileHoldsKey(path: string, shapes: KeyShapes, except: readonly string[] = []): boolean {
  // Latin-1 keeps every byte, so that a key inside a database file is found too.
  return [path, `${path}-wal`].some(
    (file) =>
      statSync(file, { throwIfNoEntry: false })?.isFile() === true &&
      keysIn(readFileSync(file, "latin1"), shapes).some((key) => !except.includes(key)),
  );
}
