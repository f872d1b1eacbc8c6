import { canonicalGraph, parseRoute, sameGraph } from "../../../../infra/cloudflare/route";
import { conditional, end, model, percentage, start } from "./elements";

const graph = parseRoute([start("if"), conditional("if", "a", "end"), model("a"), end()]).elements ?? [];

test("order of elements and of keys means nothing", () => {
  const shuffled = JSON.parse(JSON.stringify([...graph].reverse()), (_, value) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  );
  expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(graph));
  expect(sameGraph(graph, shuffled)).toBe(true);
});

test("what the gateway adds on its own means nothing", () => {
  const [first, ...others] = graph;
  expect(sameGraph(graph, [{ ...first, properties: {}, position: { x: 1, y: 2 } }, ...others])).toBe(true);
});

test.each([
  ["an id", [start("if"), conditional("if", "b", "end"), model("b"), end()]],
  ["an edge", [start("if"), conditional("if", "end", "a"), model("a"), end()]],
  ["a missing element", graph.slice(1)],
  ["an empty graph", []],
])("%s is a difference", (_, other) => {
  expect(sameGraph(graph, parseRoute(other).elements ?? other)).toBe(false);
});

test("a property, a nested condition and a share are differences", () => {
  const changed = structuredClone(graph);
  Object.assign(changed[2] ?? {}, {
    properties: { provider: "workers-ai", model: "@cf/x", timeout: 1, retries: 0 },
  });
  expect(sameGraph(graph, changed)).toBe(false);

  const condition = (value: unknown) => [
    { id: "if", type: "conditional", properties: { conditions: value }, outputs: {} },
  ];
  expect(sameGraph(condition({ a: { $eq: 1 } }), condition({ a: { $eq: 2 } }))).toBe(false);
  expect(sameGraph(condition({ a: [1, 2] }), condition({ a: [2, 1] }))).toBe(false);
  expect(sameGraph([percentage("p", { "10%": "a" })], [percentage("p", { "20%": "a" })])).toBe(false);
});

test("anything that the API might answer has a canonical form", () => {
  expect(() => canonicalGraph([null, 1, "x", {}, { type: "constructor", outputs: 3 }])).not.toThrow();
});
