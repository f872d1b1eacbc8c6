import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, DatabaseSyncOptions } from "node:sqlite";
import { readText } from "./channel";
import { isObject, type Json, type JsonObject, setPath } from "./json";

/** A credential that OpenClaw itself has stored, by `openclaw models auth` or at onboarding. */
export interface AuthProfile {
  /** `anthropic:manual` */
  readonly id: string;
  readonly provider: string;
  readonly credential: Credential;
  /** File in the container. */
  readonly file: string;
}

/** What a profile holds. */
export type Credential =
  /** A secret. */
  | { readonly kind: "key"; readonly value: string }
  /** An API key that is somewhere else: `env` (a variable), `file`, `exec` or `store`. */
  | { readonly kind: "reference"; readonly source: string; readonly name: string }
  /** An OAuth log-in, or a token of one. */
  | { readonly kind: "login" }
  /** Nothing that OpenClaw sends: an empty profile, or one that waits to be activated. */
  | { readonly kind: "none" };

/** The files in which OpenClaw 2026.9 and its forerunners keep credentials. */
export function authFiles(state: string): { readonly databases: string[]; readonly json: string[] } {
  const agents = list(join(state, "agents")).map((agent) => join(state, "agents", agent, "agent"));
  return {
    databases: [
      join(state, "state", "openclaw.sqlite"),
      ...agents.map((agent) => join(agent, "openclaw-agent.sqlite")),
    ],
    json: [state, ...agents].map((directory) => join(directory, "auth-profiles.json")),
  };
}

/** Every stored profile. What cannot be read here is still found by its bytes. */
export function authProfiles(state: string): AuthProfile[] {
  const older = authFiles(state).json.flatMap((file) =>
    profilesIn(readText(file) ?? "").map((profile) => ({ ...profile, file })),
  );
  return [...databaseProfiles(state), ...older];
}

/** Those that OpenClaw uses: files of its forerunners are read by its `doctor` alone. */
export function databaseProfiles(state: string): AuthProfile[] {
  return authFiles(state).databases.flatMap((file) =>
    tablesIn(file).flatMap(({ text }) => profilesIn(text).map((profile) => ({ ...profile, file }))),
  );
}

/**
 * Puts other API keys into {@link databaseProfiles}, with one statement for each store.
 *
 * @param newKey the key that a profile gets; undefined: it stays as it is
 * @throws Error when somebody else writes there meanwhile
 */
export function replaceKeys(state: string, newKey: (profile: AuthProfile) => string | undefined): void {
  for (const file of authFiles(state).databases) {
    for (const stored of tablesIn(file)) {
      const keys = profilesIn(stored.text).flatMap((profile): [string, string][] => {
        const key = newKey({ ...profile, file });
        return key === undefined ? [] : [[profile.id, key]];
      });
      if (keys.length > 0) write(file, stored, withKeys(stored.text, keys));
    }
  }
}

function withKeys(text: string, keys: readonly (readonly [string, string])[]): string {
  const store = JSON.parse(text) as JsonObject;
  for (const [id, key] of keys) setPath(store, ["profiles", id, "key"], key);
  return JSON.stringify(store);
}

function write(file: string, { table, column, text }: StoredText, next: string): void {
  const sql = `UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`;
  const done = withDatabase(file, { timeout: BUSY_MS }, (database) => database.prepare(sql).run(next, text));
  if (!done?.changes) throw new Error(`${file} was changed by somebody else`);
}

/** How long another process may hold a database. */
const BUSY_MS = 10_000;

/** The tables of OpenClaw 2026.9.6: the shared store, and an agent's own. */
const TABLES = [
  { table: "config_machine_state", column: "value_json", rows: "state_key = 'authProfiles.store'" },
  { table: "auth_profile_store", column: "store_json", rows: "true" },
];

interface StoredText {
  readonly table: string;
  readonly column: string;
  readonly text: string;
}

function tablesIn(file: string): StoredText[] {
  if (!existsSync(file)) return [];
  return TABLES.flatMap(({ table, column, rows }) => {
    try {
      const sql = `SELECT ${column} AS store FROM ${table} WHERE ${rows}`;
      const found = withDatabase(file, { readOnly: true }, (database) => database.prepare(sql).all());
      return (found ?? []).map(({ store }) => ({ table, column, text: String(store) }));
    } catch {
      return []; // no such table in this one
    }
  });
}

/** Undefined where Node of an older image has no such module. */
function withDatabase<T>(
  file: string,
  options: DatabaseSyncOptions,
  work: (database: DatabaseSync) => T,
): T | undefined {
  const sqlite = process.getBuiltinModule?.("node:sqlite");
  if (!sqlite) return undefined;
  const database = new sqlite.DatabaseSync(file, options);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function profilesIn(text: string): Omit<AuthProfile, "file">[] {
  let store: Json;
  try {
    store = JSON.parse(text) as Json;
  } catch {
    return [];
  }
  if (!isObject(store) || !isObject(store.profiles)) return [];
  return Object.entries(store.profiles).flatMap(([id, profile]) =>
    isObject(profile) && typeof profile.provider === "string"
      ? [{ id, provider: profile.provider, credential: credentialOf(profile) }]
      : [],
  );
}

/** As OpenClaw 2026.9.6 reads it; `mode`, `apiKey` and `apiKey` as a type are what its forerunners wrote. */
function credentialOf(profile: JsonObject): Credential {
  const type = profile.type ?? profile.mode;
  if (type === "oauth" || type === "token") return { kind: "login" };
  if ((type !== "api_key" && type !== "apiKey") || profile.setup !== undefined) return { kind: "none" };
  const key = profile.key ?? profile.apiKey;
  const reference = referenceIn(profile.keyRef) ?? referenceIn(key);
  if (reference !== undefined) return reference;
  const value = typeof key === "string" ? key.trim() : "";
  return value === "" ? { kind: "none" } : { kind: "key", value };
}

function referenceIn(value: Json | undefined): Credential | undefined {
  if (typeof value === "string") {
    const [, braced, bare] = /^\s*\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))\s*$/.exec(value) ?? [];
    const name = braced ?? bare;
    return name === undefined ? undefined : { kind: "reference", source: "env", name };
  }
  if (!isObject(value) || typeof value.source !== "string" || typeof value.id !== "string") return undefined;
  return { kind: "reference", source: value.source, name: value.id };
}

/** Names in a directory; none where there is no such directory. */
export function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return []; // most of these places exist on few hosts
  }
}
