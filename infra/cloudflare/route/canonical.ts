import type { RouteElement } from "./elements";

/**
 * The properties that each kind of element has. What the gateway adds on its own when it gives a graph back is
 * no change of the graph, so anything else is left out of a comparison.
 */
const PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map<RouteElement["type"], readonly string[]>([
  ["conditional", ["conditions"]],
  ["rate", ["key", "limit", "limitType", "window"]],
  ["model", ["model", "provider", "retries", "timeout"]],
]);

/**
 * One text for all spellings of the same graph: elements by id, keys in order, nothing that has no meaning. Two graphs
 * are the same exactly when their texts are. Takes what the gateway answers as it is, without checking it.
 */
export function canonicalGraph(elements: readonly unknown[]): string {
  const canonical = elements
    .map((element) => canonicalElement(asRecord(element)))
    .sort((a, b) => compare(String(a.id), String(b.id)));
  return JSON.stringify(canonical);
}

/** Whether both graphs route every request alike and name their elements alike. */
export function sameGraph(a: readonly unknown[], b: readonly unknown[]): boolean {
  return canonicalGraph(a) === canonicalGraph(b);
}

function canonicalElement(element: Record<string, unknown>): Record<string, unknown> {
  const type = String(element.type);
  const known = PROPERTIES.get(type) ?? [];
  const properties = asRecord(element.properties);
  const outputs = asRecord(element.outputs);
  return {
    id: element.id,
    type,
    properties: known.map((name) => [name, sorted(properties[name])]),
    outputs: Object.keys(outputs)
      .sort(compare)
      .map((output) => [output, asRecord(outputs[output]).elementId]),
  };
}

/** The same JSON value with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? { ...value } : {};
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
