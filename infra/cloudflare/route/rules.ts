import { type RouteElement, WORKERS_AI } from "./elements";
import { isProviderSlug, likelySlug } from "./providers";
import type { RouteProblem } from "./validate";

/** What a graph may use beyond being well formed. */
export interface RouteRules {
  /** Slugs of the providers that the gateway can pay by itself; a model of any other one could never be served. */
  readonly servable: ReadonlySet<string>;
  /** The command that makes the gateway hold a key of this provider. */
  readonly storeKey: (provider: string) => string;
  /** Percentage nodes were reported to fail at request time with error 2005 although the API accepts them. */
  readonly allowPercentage: boolean;
  /** The command that allows them. */
  readonly allowPercentageFix: string;
  /** Entries of the metadata that comes with every request; any other one is never there. */
  readonly metadata: ReadonlySet<string>;
  /** The command that adds such an entry. */
  readonly addMetadata: (name: string) => string;
}

/** Fields that conditions and rates can look at; anything else is never there, and says so nowhere. */
const FIELD = /^(metadata|body|headers)\.[^.]/;

export function misreadFields(elements: readonly RouteElement[]): RouteProblem[] {
  const reason = "is no field of a request; there are metadata.<name>, body.<name> and headers.<name>";
  return fieldsOf(elements).flatMap(({ path, field }) =>
    FIELD.test(field) ? [] : [{ path, problem: `'${field}' ${reason}` }],
  );
}

/** Every field that a graph looks at, and where. */
function fieldsOf(elements: readonly RouteElement[]): { path: (string | number)[]; field: string }[] {
  return elements.flatMap((element, index) => {
    if (element.type === "rate") {
      return [{ path: [index, "properties", "key"], field: element.properties.key }];
    }
    if (element.type !== "conditional") return [];
    return conditionFields(element.properties.conditions, [index, "properties", "conditions"]);
  });
}

/** The fields of a condition; `$and`, `$or` and `$not` hold further conditions. */
function conditionFields(
  conditions: unknown,
  path: (string | number)[],
): { path: (string | number)[]; field: string }[] {
  if (Array.isArray(conditions)) {
    return conditions.flatMap((inner, index) => conditionFields(inner, [...path, index]));
  }
  if (conditions === null || typeof conditions !== "object") return [];
  return Object.entries(conditions).flatMap(([name, inner]) =>
    name.startsWith("$") ? conditionFields(inner, [...path, name]) : [{ path: [...path, name], field: name }],
  );
}

/** A provider by another name, or a model with its provider before it, is stored and then fails at every request. */
export function misnamedModels(elements: readonly RouteElement[]): RouteProblem[] {
  return elements.flatMap((element, index): RouteProblem[] => {
    if (element.type !== "model") return [];
    const { provider, model } = element.properties;
    const path = [index, "properties"];
    if (!isProviderSlug(provider)) {
      const likely = likelySlug(provider);
      const hint = likely === undefined ? "" : `; the gateway's name is '${likely}'`;
      return [{ path: [...path, "provider"], problem: `'${provider}' is no provider of AI Gateway${hint}` }];
    }
    if (provider === WORKERS_AI && !model.startsWith("@cf/")) {
      const problem = `'${model}' is no Workers AI model; their names start with '@cf/'`;
      return [{ path: [...path, "model"], problem }];
    }
    if (model.startsWith(`${provider}/`)) {
      const problem = `'${model}' names its provider again; the model alone is '${model.slice(provider.length + 1)}'`;
      return [{ path: [...path, "model"], problem }];
    }
    return [];
  });
}

/** What the graph asks for and the stack does not have. */
export function brokenRules(elements: readonly RouteElement[], rules: RouteRules): RouteProblem[] {
  return [
    ...forbiddenPercentages(elements, rules),
    ...unservable(elements, rules),
    ...unsent(elements, rules),
  ];
}

function forbiddenPercentages(elements: readonly RouteElement[], rules: RouteRules): RouteProblem[] {
  return elements.flatMap((element, index) => {
    if (element.type !== "percentage" || rules.allowPercentage) return [];
    const problem =
      `'${element.id}' is a percentage node in the default route; these have been reported to fail at request time ` +
      "with error 2005. Try it in another route first, and allow it here once it works on your account";
    return [{ path: [index, "type"], problem, fix: rules.allowPercentageFix }];
  });
}

function unservable(elements: readonly RouteElement[], rules: RouteRules): RouteProblem[] {
  return elements.flatMap((element, index) => {
    if (element.type !== "model") return [];
    const { provider } = element.properties;
    if (provider === WORKERS_AI || rules.servable.has(provider) || !isProviderSlug(provider)) return [];
    const problem =
      `model node '${element.id}' needs a key of '${provider}' stored at the gateway, and none is stored; ` +
      `only '${WORKERS_AI}' models can be served without one`;
    return [{ path: [index, "properties", "provider"], problem, fix: rules.storeKey(provider) }];
  });
}

/** Clients cannot send metadata: the Worker drops theirs and sends its own. */
function unsent(elements: readonly RouteElement[], rules: RouteRules): RouteProblem[] {
  return fieldsOf(elements).flatMap(({ path, field }) => {
    const name = /^metadata\.(.+)$/.exec(field)?.[1];
    if (name === undefined || rules.metadata.has(name)) return [];
    const sent = [...rules.metadata].join(", ");
    const problem = `no request has metadata '${name}'; the Worker sends ${sent}`;
    return [{ path, problem, fix: rules.addMetadata(name) }];
  });
}
