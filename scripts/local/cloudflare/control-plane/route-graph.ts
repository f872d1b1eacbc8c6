import type { RouteElement } from "../store/records";

/**
 * Whether a request can be walked through the graph: unique ids, one start, an end, every edge leads somewhere.
 *
 * Which graphs the real API refuses and which it stores with `is_valid: false` is not documented; here the schema
 * refuses, and this only sets `is_valid`. Deploying such a version works, and requests then fail with 2005.
 */
export function isWalkable(elements: readonly RouteElement[]): boolean {
  const ids = new Set(elements.map(({ id }) => id));
  const typed = (type: RouteElement["type"]) => elements.filter((element) => element.type === type);
  const targets = elements.flatMap(({ outputs }) => Object.values(outputs).map(({ elementId }) => elementId));
  return (
    ids.size === elements.length &&
    typed("start").length === 1 &&
    typed("end").length > 0 &&
    targets.every((id) => ids.has(id))
  );
}
