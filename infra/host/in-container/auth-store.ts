import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readText } from "./channel";
import { isObject, type Json } from "./json";

/** A credential that OpenClaw itself has stored, by `openclaw models auth` or at onboarding. */
export interface AuthProfile {
  /** `anthropic:manual` */
  readonly id: string;
  readonly provider: string;
  /** File in the container. */
  readonly file: string;
}

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
  const { databases, json } = authFiles(state);
  const stores = [
    ...databases.flatMap((file) => storesIn(file).map((text) => ({ file, text }))),
    ...json.map((file) => ({ file, text: readText(file) ?? "" })),
  ];
  return stores.flatMap(({ file, text }) => profilesIn(text).map((profile) => ({ ...profile, file })));
}

/** The tables of OpenClaw 2026.9.6: the shared store, and an agent's own. */
const QUERIES = [
  "SELECT value_json AS store FROM config_machine_state WHERE state_key = 'authProfiles.store'",
  "SELECT store_json AS store FROM auth_profile_store",
];

function storesIn(file: string): string[] {
  // Node of an older image has no such module.
  const sqlite = process.getBuiltinModule?.("node:sqlite");
  if (!sqlite || !existsSync(file)) return [];
  return QUERIES.flatMap((query) => {
    try {
      const database = new sqlite.DatabaseSync(file, { readOnly: true });
      try {
        return database
          .prepare(query)
          .all()
          .map(({ store }) => String(store));
      } finally {
        database.close();
      }
    } catch {
      return []; // no such table in this one
    }
  });
}

function profilesIn(text: string): { id: string; provider: string }[] {
  let store: Json;
  try {
    store = JSON.parse(text) as Json;
  } catch {
    return [];
  }
  if (!isObject(store) || !isObject(store.profiles)) return [];
  return Object.entries(store.profiles).flatMap(([id, profile]) =>
    isObject(profile) && typeof profile.provider === "string" ? [{ id, provider: profile.provider }] : [],
  );
}

/** Names in a directory; none where there is no such directory. */
export function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return []; // most of these places exist on few hosts
  }
}
