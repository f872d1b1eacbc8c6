import type { Fields } from "./channel";
import { assignments } from "./env-file";
import { deletePath, getPath, isObject, type JsonObject } from "./json";
import { referencedName } from "./key-search";
import type { ProviderIds } from "./model-refs";

/** An entry that names the variable of the host's own key for it, and the variable is not set here. */
export interface Keyless {
  /** OpenClaw's id of the provider. */
  readonly id: string;
  readonly variable: string;
}

/**
 * `access: direct`: not every host has a key for every provider of the stack. An entry that OpenClaw does not know by
 * itself names the key's variable, and without that OpenClaw would complain about the whole file.
 */
export function keylessEntries(patch: JsonObject, fields: Fields): Keyless[] {
  if (!fields.isDirect) return [];
  const keys = new Set(fields.words("names"));
  const set = new Set(assignments(fields.text("env")).flatMap(({ name, value }) => (value ? [name] : [])));
  const entries = getPath(patch, ["models", "providers"]);
  return Object.entries(isObject(entries) ? entries : {}).flatMap(([id, entry]) => {
    const apiKey = isObject(entry) ? entry.apiKey : undefined;
    const variable = typeof apiKey === "string" ? referencedName(apiKey) : undefined;
    if (variable === undefined || !keys.has(variable)) return [];
    return process.env[variable] || set.has(variable) ? [] : [{ id, variable }];
  });
}

/** What fits this host: the patch without these entries, and no other name for models of theirs. */
export function fitToKeys(
  patch: JsonObject,
  providerIds: ProviderIds,
  fields: Fields,
): { patch: JsonObject; providerIds: ProviderIds } {
  const keyless = keylessEntries(patch, fields);
  const kept = structuredClone(patch);
  for (const { id } of keyless) deletePath(kept, ["models", "providers", id]);
  const ids = Object.entries(providerIds).filter(([, own]) => !keyless.some(({ id }) => id === own));
  return { patch: kept, providerIds: Object.fromEntries(ids) };
}
