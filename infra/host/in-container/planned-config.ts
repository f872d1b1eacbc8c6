import { Refusal } from "./channel";
import { type Delta, revert } from "./delta";
import { deletePath, getPath, isObject, type Json, type JsonObject, mergePatch } from "./json";
import { type KeyShapes, literalKeys } from "./key-search";

/** The three stages of `openclaw.json`, computed; OpenClaw's own command line then makes the last one. */
export interface Plan {
  /** The operator's configuration: the current one without us. */
  readonly base: JsonObject;
  /** The base without literal provider keys: what may be written to a scratch file. */
  readonly keyless: JsonObject;
  /** The patch as it fits this base. */
  readonly patch: JsonObject;
  /** What comes out, `meta` aside. */
  readonly expected: JsonObject;
  /** The literal keys that were taken out. */
  readonly keys: readonly string[];
}

/** @throws Refusal when a key stands where it cannot be taken out. */
export function planConfig(current: JsonObject, delta: Delta, patch: JsonObject, shapes: KeyShapes): Plan {
  const base = revert(current, delta);
  const keyless = structuredClone(base);
  const literals = literalKeys(base, shapes);
  const stuck = literals.filter((literal) => literal.inArray);
  if (stuck.length > 0) {
    const places = stuck.map((literal) => literal.path.join(".")).join(", ");
    throw new Refusal(
      `openclaw.json holds a provider key inside a list, at ${places}: move it to .env as \${NAME}`,
    );
  }
  for (const literal of literals) deletePath(keyless, literal.path);
  const fitted = fitToHost(patch, keyless);
  const expected = mergePatch(keyless, fitted);
  if (!isObject(expected)) throw new Refusal("the patch of openclaw.json is not an object");
  return { base, keyless, patch: fitted, expected, keys: literals.map((literal) => literal.value) };
}

/** An empty model list only says "keep the catalog": where the operator has a list of his own, his stays. */
function fitToHost(patch: JsonObject, base: JsonObject): JsonObject {
  const fitted = structuredClone(patch);
  const providers = getPath(fitted, ["models", "providers"]);
  if (!isObject(providers)) return fitted;
  for (const [id, entry] of Object.entries(providers)) {
    const own: Json | undefined = getPath(base, ["models", "providers", id, "models"]);
    if (isObject(entry) && Array.isArray(entry.models) && entry.models.length === 0 && Array.isArray(own)) {
      delete entry.models;
    }
  }
  return fitted;
}
