import { getPath, isObject, type Json, type JsonObject } from "./json";
import { keyVariableOf, referencedName } from "./key-search";

/** A place of `openclaw.json` that names a model, `<provider>/<model>`. */
export interface ModelRef {
  readonly path: string;
  readonly ref: string;
}

/** OpenClaw's own provider ids that the stack serves under another id: `groq` as `cf-groq`. */
export type ProviderIds = Readonly<Record<string, string>>;

/**
 * The references to models of these providers, wherever they are: agents, defaults, fallbacks, aliases, media tools.
 * Told by their form and not by a list of settings, which grows with every version of OpenClaw.
 */
export function modelRefs(config: JsonObject, providers: ReadonlySet<string>): ModelRef[] {
  const found: ModelRef[] = [];
  walk(config, [], (path, text) => {
    if (providers.has(providerOf(text))) found.push({ path: path.join("."), ref: text });
  });
  return found;
}

/**
 * The same in two parts, `{ provider, model }`, as media tools have it; with a whole reference as `model`, `provider` is
 * something else. They are never renamed: what looks such a provider up need not know the stack's entries.
 */
export function splitModelRefs(config: JsonObject): ModelRef[] {
  const found: ModelRef[] = [];
  visitObjects(config, [], (path, { provider, model }) => {
    if (typeof provider !== "string" || typeof model !== "string") return;
    if (provider !== "" && model !== "" && providerOf(model) === "")
      found.push({ path: path.join("."), ref: `${provider}/${model}` });
  });
  return found;
}

/** A setting that names models: `model`, `imageModel`, `models`, `modelByChannel`. */
const MODEL_SETTING = /(^m|M)odels?(By[A-Z]\w*)?$/;
/** `<provider>/<model>`, and neither an address nor a file. */
const REFERENCE = /^[A-Za-z0-9][\w.-]*\/[^\s/]\S*$/;

/**
 * Every reference to a model, whoever's it is. Of an unknown provider the form alone does not tell, so here the name of
 * the setting has to speak of models too.
 */
export function allModelRefs(config: JsonObject): ModelRef[] {
  const found: ModelRef[] = [];
  walk(config, [], (path, text) => {
    if (path.some((name) => MODEL_SETTING.test(name)) && REFERENCE.test(text))
      found.push({ path: path.join("."), ref: text });
  });
  return [...found, ...splitModelRefs(config)];
}

/** The configuration with every reference under the id by which the stack serves that provider. */
export function mapModelRefs(config: JsonObject, ids: ProviderIds): JsonObject {
  const rename = (text: string): string => {
    const provider = providerOf(text);
    return Object.hasOwn(ids, provider) ? `${ids[provider]}${text.slice(provider.length)}` : text;
  };
  const mapped = (value: Json, path: readonly string[]): Json => {
    if (isDefinition(path)) return value;
    if (typeof value === "string") return rename(value);
    if (Array.isArray(value)) return value.map((item, index) => mapped(item, [...path, String(index)]));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [rename(key), mapped(item, [...path, key])]),
    );
  };
  return mapped(config, []) as JsonObject;
}

/**
 * The host's own providers whose key is one of those taken out: they answer no more. Where an entry has no key, or there
 * is no entry, OpenClaw takes it from the variable of the provider's name, which the stack may have given another value.
 */
export function providersWithoutKey(
  before: JsonObject,
  after: JsonObject,
  names: { readonly taken: ReadonlySet<string>; readonly given: ReadonlySet<string> },
): string[] {
  const entries = getPath(before, ["models", "providers"]);
  const referred = allModelRefs(before).map(({ ref }) => providerOf(ref));
  return [...new Set([...Object.keys(isObject(entries) ? entries : {}), ...referred])].filter((id) => {
    const key = getPath(before, ["models", "providers", id, "apiKey"]);
    if (key === undefined) return names.taken.has(keyVariableOf(id)) && !names.given.has(keyVariableOf(id));
    const removed = getPath(after, ["models", "providers", id, "apiKey"]) === undefined;
    return removed || names.taken.has(nameOf(key) ?? "");
  });
}

/** The environment variable that a key comes from: `${NAME}`, or OpenClaw's `{source: "env", id}`. */
function nameOf(key: Json | undefined): string | undefined {
  if (typeof key === "string") return referencedName(key);
  return isObject(key) && key.source === "env" && typeof key.id === "string" ? key.id : undefined;
}

/** The provider that a reference names; empty when the text is none. */
export function providerOf(text: string): string {
  const slash = text.indexOf("/");
  return slash > 0 && slash < text.length - 1 ? text.slice(0, slash) : "";
}

/** `models.providers` defines models, it does not refer to them. */
function isDefinition(path: readonly string[]): boolean {
  return path[0] === "models" && path[1] === "providers";
}

/** Every text and every key. */
function walk(value: Json, path: string[], visit: (path: string[], text: string) => void): void {
  if (isDefinition(path)) return;
  if (typeof value === "string") visit(path, value);
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(item, [...path, String(index)], visit);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      visit(path, key);
      walk(item, [...path, key], visit);
    }
  }
}

function visitObjects(
  value: Json,
  path: string[],
  visit: (path: string[], object: JsonObject) => void,
): void {
  if (isDefinition(path) || typeof value !== "object" || value === null) return;
  if (isObject(value)) visit(path, value);
  for (const [key, item] of Object.entries(value)) visitObjects(item, [...path, key], visit);
}
