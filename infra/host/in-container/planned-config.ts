import { Refusal } from "./channel";
import { type Delta, revert } from "./delta";
import { deletePath, getPath, isObject, type Json, type JsonObject, mergePatch } from "./json";
import { type KeyShapes, type Literal, literalKeys } from "./key-search";
import { lostKeys } from "./lost-keys";
import { mapModelRefs, type ProviderIds, providersWithoutKey } from "./model-refs";
import { notesOf, servedRefs } from "./served-refs";

/** What is to become of `openclaw.json`. */
export interface Wanted {
  /** JSON merge patch. */
  readonly patch: JsonObject;
  readonly shapes: KeyShapes;
  /** Providers that the stack serves under another id than OpenClaw's own. */
  readonly providerIds: ProviderIds;
  /** Names of the variables that `.env` loses. */
  readonly takenNames: ReadonlySet<string>;
  /** Names of the variables that the stack sets in place of `models.providers`: `openclaw.env: legacy`. */
  readonly givenNames: ReadonlySet<string>;
  /** Models that may be left without an answer. */
  readonly acceptUnserved: readonly string[];
}

/** The stages of `openclaw.json`, computed; OpenClaw's own command line then makes the last one. */
export interface Plan {
  /** The operator's configuration: the current one without us. */
  readonly base: JsonObject;
  /** The base without literal provider keys and with the stack's provider ids: what may be written to a scratch file. */
  readonly prepared: JsonObject;
  /** The patch as it fits this base. */
  readonly patch: JsonObject;
  /** What comes out, `meta` aside. */
  readonly expected: JsonObject;
  /** The literal keys that were taken out. */
  readonly literals: readonly Literal[];
  /** What the operator should know. */
  readonly notes: readonly string[];
  /** Why it cannot be done. */
  readonly refusals: readonly Refusal[];
}

export function planConfig(current: JsonObject, delta: Delta, wanted: Wanted): Plan {
  const { shapes, providerIds, takenNames, givenNames } = wanted;
  const base = revert(current, delta);
  const literals = literalKeys(base, shapes);
  const keyless = structuredClone(base);
  for (const literal of literals) deletePath(keyless, literal.path);
  const prepared = mapModelRefs(keyless, providerIds);
  const patch = fitToHost(wanted.patch, prepared);
  const merged = mergePatch(prepared, patch);
  const expected = isObject(merged) ? merged : prepared;
  const refs = servedRefs({ own: keyless, expected }, wanted, {
    served: Object.keys(entriesOf(patch)),
    keyless: providersWithoutKey(base, keyless, {
      taken: new Set([...takenNames, ...namesOf(literals)]),
      given: givenNames,
    }),
  });
  // A model has one place in the list, however often it is referred to.
  const toAccept = [...wanted.acceptUnserved, ...new Set(refs.lost.map(({ ref }) => ref))];
  return {
    base,
    prepared,
    patch,
    expected,
    literals,
    notes: [...notesOf(refs), ...lostKeys(base, takenNames, literals)],
    refusals: [
      ...literals.filter(({ isItem }) => isItem).map(keyInList),
      ...refs.lost.map((one) => modelUnserved(one, toAccept.indexOf(one.ref))),
    ],
  };
}

function entriesOf(patch: JsonObject): JsonObject {
  const entries = getPath(patch, ["models", "providers"]);
  return isObject(entries) ? entries : {};
}

/** The variables that `openclaw.json` sets itself, in `env`. */
function namesOf(literals: readonly Literal[]): string[] {
  return literals.flatMap(({ path }) => (path[0] === "env" ? path.slice(-1) : []));
}

function keyInList({ path }: Literal): Refusal {
  return new Refusal(
    "key_in_list",
    `openclaw.json holds a provider key as an item of a list, at ${path.join(".")}`,
    "provider keys as properties, or in .env",
    `move it to .env and write \${NAME} in its place`,
  );
}

/** The list in effect is the stack's, or one of the host's own in its place: the free index is the same. */
function modelUnserved({ path, ref }: { path: string; ref: string }, index: number): Refusal {
  return new Refusal(
    "model_unserved",
    `${path} of openclaw.json uses ${ref}, whose provider's key is taken out`,
    "a model of a provider that the stack serves",
    `choose another model, or accept it: pulumi config set --path 'openclaw.acceptUnserved[${index}]' ${ref} ` +
      "(hosts[N].openclaw.acceptUnserved where the host has a list of its own)",
  );
}

/**
 * Where the operator has a list of models, his own stay in it: an empty list of ours only says "keep the catalog", and
 * one of ours replaces his of the same id.
 */
function fitToHost(patch: JsonObject, base: JsonObject): JsonObject {
  const fitted = structuredClone(patch);
  for (const [id, entry] of Object.entries(entriesOf(fitted))) {
    const own = getPath(base, ["models", "providers", id, "models"]);
    if (!isObject(entry) || !Array.isArray(entry.models) || !Array.isArray(own)) continue;
    const ours = new Set(entry.models.map(idOf));
    entry.models = [...own.filter((model) => !ours.has(idOf(model))), ...entry.models];
  }
  return fitted;
}

function idOf(model: Json): Json | undefined {
  return isObject(model) ? model.id : undefined;
}
