import { isObject, type Json, type JsonObject } from "./json";

/** How a provider key is recognised: by the name of its variable, or by its shape. */
export interface KeyShapes {
  readonly names: readonly string[];
  /** Names of other providers' keys, which may have the same shape. */
  readonly otherNames: readonly string[];
  readonly patterns: readonly RegExp[];
}

export function holdsKey(text: string, shapes: KeyShapes): boolean {
  return shapes.patterns.some((pattern) => pattern.test(text));
}

/** The keys in a text that have the shape of one. */
export function keysIn(text: string, shapes: KeyShapes): string[] {
  return shapes.patterns.flatMap((pattern) => text.match(new RegExp(pattern, "g")) ?? []);
}

/** A host token of this project: no provider takes it. */
const HOST_TOKEN = /^ocg_[A-Za-z0-9]+$/;

/** Whether an environment variable holds a provider key, by its name or its value. */
export function isKey(name: string, value: string, shapes: KeyShapes): boolean {
  if (shapes.otherNames.includes(name)) return false;
  return (shapes.names.includes(name) && !HOST_TOKEN.test(value)) || holdsKey(value, shapes);
}

/** What a key is made of. */
const KEY_CHARACTERS = "A-Za-z0-9_-";
/** What ends in such a character and is a blank all the same, in a text of JSON and in an address. */
const ESCAPED = String.raw`\\[nrt]|%[0-9A-Fa-f]{2}`;

/**
 * A key may be no part of a longer word: `csk-…` of one vendor holds `sk-…` of another, and a longer key of somebody else
 * begins like a shorter one.
 */
export function keyPattern(source: string): RegExp {
  return new RegExp(`(?:(?<![${KEY_CHARACTERS}])|(?<=${ESCAPED}))(?:${source})(?![${KEY_CHARACTERS}])`);
}

/** The same for `grep -E`, which has no look-around and so matches the characters beside a key too. */
export function grepPattern(sources: readonly string[]): string {
  if (sources.length === 0) return "";
  return `(^|[^${KEY_CHARACTERS}]|${ESCAPED})(${sources.join("|")})([^${KEY_CHARACTERS}]|$)`;
}

/** A key written into a JSON file. */
export interface Literal {
  readonly path: readonly string[];
  readonly value: string;
  /** It is an item of a list: without it the others would move up. */
  readonly isItem: boolean;
}

/** `${NAME}`: OpenClaw fills it in, so it is a reference, not a key. */
export function referencedName(text: string): string | undefined {
  return /^\$\{([A-Z0-9_]+)\}$/.exec(text)?.[1];
}

/** The variable in which OpenClaw looks for a provider's key: `MOONSHOT_API_KEY` for `moonshot`. */
export function keyVariableOf(provider: string): string {
  return `${provider.toUpperCase().replaceAll("-", "_")}_API_KEY`;
}

/** The variable that would hold the key of a provider's entry: `MOONSHOT_API_KEY` of `models.providers.moonshot`. */
function keyNameOf([models, providers, id = ""]: readonly string[]): string {
  return models === "models" && providers === "providers" ? keyVariableOf(id) : "";
}

/** Every provider key that stands literally in `openclaw.json`. */
export function literalKeys(config: JsonObject, shapes: KeyShapes): Literal[] {
  const found: Literal[] = [];
  const visit = (value: Json, path: string[], isItem: boolean): void => {
    if (typeof value === "string") {
      const named = path[0] === "env" && shapes.names.includes(path.at(-1) ?? "") && value !== "";
      const foreign = shapes.otherNames.includes(keyNameOf(path));
      if (referencedName(value) === undefined && !foreign && (named || holdsKey(value, shapes)))
        found.push({ path, value, isItem });
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, String(index)], true);
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key], false);
    }
  };
  visit(config, [], false);
  return found;
}
