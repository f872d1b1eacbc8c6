import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readText } from "./channel";
import { isObject, type Json, type JsonObject } from "./json";

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
