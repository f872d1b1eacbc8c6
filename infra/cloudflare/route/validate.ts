import { z } from "zod";
import { edgesOf, MAX_BRANCHES, type RouteElement, routeElement } from "./elements";
import { brokenRules, misnamedModels, misreadFields, type RouteRules } from "./rules";

/** What is wrong with a graph, and where: the path leads into the list of elements. */
export interface RouteProblem {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  /** The command that puts it right, where changing the graph is not the answer. */
  readonly fix?: string;
}

export type ParsedRoute =
  | { readonly elements: RouteElement[]; readonly problems?: undefined }
  | { readonly elements?: undefined; readonly problems: RouteProblem[] };

/**
 * Reads a graph from anything: either the elements, with defaults filled in, or every problem that it has. The API
 * checks only part of this, and stores some broken graphs that then fail at request time.
 *
 * @param rules left out: only the form of the graph is checked
 */
export function parseRoute(value: unknown, rules?: RouteRules): ParsedRoute {
  const shape = z.array(routeElement).safeParse(value);
  if (!shape.success) return { problems: shape.error.issues.map((issue) => shapeProblem(issue, value)) };
  const elements = shape.data;
  const problems = [
    ...duplicateIds(elements),
    ...startAndEnd(elements),
    ...danglingEdges(elements),
    ...percentages(elements),
    ...misreadFields(elements),
    ...misnamedModels(elements),
    ...(rules === undefined ? [] : brokenRules(elements, rules)),
  ];
  // Walking the graph makes sense only where every edge leads to one element.
  if (problems.length === 0) problems.push(...cycles(elements), ...unreachable(elements));
  return problems.length === 0 ? { elements } : { problems };
}

function shapeProblem(issue: z.core.$ZodIssue, value: unknown): RouteProblem {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    return {
      path,
      problem: `unknown ${issue.keys.map((key) => `'${key}'`).join(", ")}${hintFor(issue.keys)}`,
    };
  }
  if (issue.code === "invalid_key") {
    const reason = issue.issues[0]?.message ?? issue.message;
    return { path, problem: `'${path.at(-1)}' ${reason}` };
  }
  if (issue.code === "invalid_union") {
    return { path, problem: "is not a type of element: start, conditional, percentage, rate, model, end" };
  }
  return { path, problem: missing(value, path) ? "is missing" : issue.message };
}

/** Misspellings that the API is known to drop or refuse without a useful message. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["condition", "the property is called 'conditions'"],
  ["interval", "the property is called 'window'"],
  ["technique", "the gateway ignores it on a rate node"],
]);

function hintFor(keys: readonly string[]): string {
  const hints = keys.flatMap((key) => HINTS.get(key) ?? []);
  return hints.length === 0 ? "" : ` (${hints.join("; ")})`;
}

function missing(value: unknown, path: readonly (string | number)[]): boolean {
  let current = value;
  for (const part of path) {
    if (current === null || typeof current !== "object") return true;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current === undefined;
}

function duplicateIds(elements: readonly RouteElement[]): RouteProblem[] {
  return elements.flatMap((element, index) => {
    const first = elements.findIndex((other) => other.id === element.id);
    return first === index
      ? []
      : [{ path: [index, "id"], problem: `'${element.id}' is also the id of [${first}]` }];
  });
}

function startAndEnd(elements: readonly RouteElement[]): RouteProblem[] {
  const starts = elements.flatMap((element, index) => (element.type === "start" ? [index] : []));
  const problems: RouteProblem[] = [];
  if (starts.length === 0) problems.push({ path: [], problem: "has no element of type 'start'" });
  for (const index of starts.slice(1)) {
    problems.push({ path: [index, "type"], problem: `a second 'start'; the first is [${starts[0]}]` });
  }
  if (!elements.some((element) => element.type === "end")) {
    problems.push({ path: [], problem: "has no element of type 'end'" });
  }
  return problems;
}

function danglingEdges(elements: readonly RouteElement[]): RouteProblem[] {
  const ids = new Set(elements.map((element) => element.id));
  return elements.flatMap((element, index) =>
    edgesOf(element)
      .filter(([, target]) => !ids.has(target))
      .map(([output, target]) => ({
        path: [index, "outputs", output, "elementId"],
        problem: `leads to '${target}', which is no element`,
      })),
  );
}

function percentages(elements: readonly RouteElement[]): RouteProblem[] {
  return elements.flatMap((element, index) => {
    if (element.type !== "percentage") return [];
    const shares = Object.keys(element.outputs).map((key) => Number.parseInt(key, 10));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const path = [index, "outputs"];
    const problems: RouteProblem[] = [];
    if (total !== 100) problems.push({ path, problem: `the branches total ${total}%, not 100%` });
    if (shares.length > MAX_BRANCHES) {
      problems.push({ path, problem: `${shares.length} branches; at most ${MAX_BRANCHES} are allowed` });
    }
    return problems;
  });
}

/** One problem per element that closes a circle: a request must run to an end whatever the models answer. */
function cycles(elements: readonly RouteElement[]): RouteProblem[] {
  const position = new Map(elements.map((element, index) => [element.id, index]));
  const state = new Map<number, "open" | "done">();
  const problems: RouteProblem[] = [];
  const visit = (index: number): void => {
    const element = elements[index];
    if (element === undefined) return;
    state.set(index, "open");
    for (const [output, target] of edgesOf(element)) {
      const next = position.get(target) ?? -1;
      if (state.get(next) === "open") {
        const path = [index, "outputs", output, "elementId"];
        problems.push({ path, problem: `leads back to '${target}': a route must not run in a circle` });
      } else if (!state.has(next)) visit(next);
    }
    state.set(index, "done");
  };
  elements.forEach((_, index) => {
    if (!state.has(index)) visit(index);
  });
  return problems;
}

function unreachable(elements: readonly RouteElement[]): RouteProblem[] {
  const byId = new Map(elements.map((element) => [element.id, element]));
  const reached = new Set<string>();
  const open = elements.filter((element) => element.type === "start").map((element) => element.id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const element = byId.get(id);
    if (element === undefined || reached.has(id)) continue;
    reached.add(id);
    open.push(...edgesOf(element).map(([, target]) => target));
  }
  return elements.flatMap((element, index) =>
    reached.has(element.id)
      ? []
      : [{ path: [index], problem: `'${element.id}' cannot be reached from the start` }],
  );
}
