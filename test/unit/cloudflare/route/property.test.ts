import fc from "fast-check";
import { edgesOf, parseRoute, type RouteElement, sameGraph } from "../../../../infra/cloudflare/route";
import { anyGraph, forwardGraph } from "./graphs";

/** Takes one edge after the other; true when it comes to an end. */
function runsToAnEnd(elements: readonly RouteElement[], choose: (edges: number) => number): boolean {
  const byId = new Map(elements.map((entry) => [entry.id, entry]));
  let current = elements.find(({ type }) => type === "start");
  for (let steps = 0; steps <= elements.length; steps++) {
    if (current === undefined) return false;
    if (current.type === "end") return true;
    const edges = edgesOf(current);
    current = byId.get(edges[choose(edges.length) % edges.length]?.[1] ?? "");
  }
  return false;
}

test("a graph is refused with reasons, or runs to an end whatever happens on the way", () => {
  fc.assert(
    fc.property(fc.oneof(anyGraph, forwardGraph), fc.infiniteStream(fc.nat(10)), (graph, choices) => {
      const { elements, problems } = parseRoute(graph);
      if (elements === undefined) {
        expect(problems.length).toBeGreaterThan(0);
        for (const { problem } of problems) expect(problem).not.toBe("");
      } else {
        expect(runsToAnEnd(elements, () => choices.next().value)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("a graph whose edges all lead forward is refused only for elements that nothing leads to", () => {
  let accepted = 0;
  fc.assert(
    fc.property(forwardGraph, (graph) => {
      const { problems = [] } = parseRoute(graph);
      if (problems.length === 0) accepted += 1;
      for (const { problem } of problems) expect(problem).toContain("cannot be reached");
    }),
  );
  expect(accepted).toBeGreaterThan(0);
});

test("an accepted graph stays the same when it is written down and read again", () => {
  fc.assert(
    fc.property(forwardGraph, (graph) => {
      const { elements } = parseRoute(graph);
      if (elements === undefined) return;
      const again = parseRoute(JSON.parse(JSON.stringify(elements))).elements ?? [];
      expect(again).toEqual(elements);
      expect(sameGraph(again, elements)).toBe(true);
    }),
  );
});

test("anything at all is answered, never thrown at", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.array(fc.record({ id: fc.string(), type: fc.string(), outputs: fc.jsonValue() })),
      ),
      (value) => {
        const parsed = parseRoute(value);
        expect(parsed.elements === undefined).toBe(parsed.problems !== undefined);
      },
    ),
  );
});
