import type { JsonObject } from "./json";
import { keyVariableOf } from "./key-search";
import {
  allModelRefs,
  type ModelRef,
  modelRefs,
  type ProviderIds,
  providerOf,
  splitModelRefs,
} from "./model-refs";
import type { Wanted } from "./planned-config";

/** The references to models in the operator's configuration, by what becomes of them. */
export interface ServedRefs {
  /** The stack serves them under the name that they have. */
  readonly asIs: readonly ModelRef[];
  /** It serves them under another one. */
  readonly renamed: readonly (ModelRef & { readonly as: string })[];
  /** Nobody answers them any more. */
  readonly lost: readonly ModelRef[];
  /** The same, and the operator has accepted it. */
  readonly accepted: readonly ModelRef[];
  /** Of a provider that the host has itself and keeps: whether it answers is not judged. */
  readonly left: readonly ModelRef[];
}

/**
 * @param configs the operator's configuration, and what comes out of it: a reference that the stack's own models replace
 * is no longer in use
 * @param providers those that the stack serves, by the ids in `openclaw.json`, and those whose key is taken out
 */
export function servedRefs(
  configs: { readonly own: JsonObject; readonly expected: JsonObject },
  wanted: Pick<Wanted, "providerIds" | "givenNames" | "acceptUnserved">,
  providers: { readonly served: readonly string[]; readonly keyless: readonly string[] },
): ServedRefs {
  const { providerIds, givenNames, acceptUnserved } = wanted;
  const served = new Set(providers.served);
  const lost = new Set(providers.keyless.filter((id) => !served.has(id)));
  const isServed = ({ ref }: ModelRef): boolean =>
    served.has(providerOf(ref)) || givenNames.has(keyVariableOf(providerOf(ref)));
  const unserved = [
    ...modelRefs(configs.expected, lost),
    ...splitModelRefs(configs.expected).filter(({ ref }) => lost.has(providerOf(ref))),
  ];
  const kept = new Set(allModelRefs(configs.expected).map(placeOf));
  const rest = allModelRefs(configs.own).filter(
    (one) => kept.has(placeOf(one)) && !lost.has(providerOf(one.ref)),
  );
  const renamed = modelRefs(configs.own, new Set(Object.keys(providerIds)));
  return {
    asIs: rest.filter(isServed),
    renamed: renamed.map(({ path, ref }) => ({ path, ref, as: nameIn(providerIds, ref) })),
    lost: unserved.filter(({ ref }) => !acceptUnserved.includes(ref)),
    accepted: unserved.filter(({ ref }) => acceptUnserved.includes(ref)),
    left: rest.filter((one) => !isServed(one)),
  };
}

/** For the operator. Those that are lost are refused, which names them. */
export function notesOf({ asIs, renamed, accepted, left }: ServedRefs): string[] {
  return [
    ...listed("served by the stack under the same name", asIs),
    ...renamed.map(({ path, ref, as }) => `${path}: ${ref} is served as ${as}`),
    ...accepted.map(({ path, ref }) => `${path}: ${ref} is served no more, as accepted`),
    ...listed("left to the host's own providers", left),
  ];
}

function listed(what: string, refs: readonly ModelRef[]): string[] {
  const models = [...new Set(refs.map(({ ref }) => ref))];
  return models.length === 0 ? [] : [`models ${what}: ${models.join(", ")}`];
}

function nameIn(ids: ProviderIds, ref: string): string {
  const provider = providerOf(ref);
  return `${ids[provider]}${ref.slice(provider.length)}`;
}

function placeOf({ path, ref }: ModelRef): string {
  return `${path} ${ref}`;
}
