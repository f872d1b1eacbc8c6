import {
  fallbackRoute,
  limitRoute,
  matchRoute,
  oneModelRoute,
  parseRoute,
  type RouteElement,
  readModelRef,
  splitRoute,
} from "../../../../infra/cloudflare/route";

const BIG = "openai/gpt-5";
const SMALL = "openai/gpt-5-mini";
const KIMI = "@cf/moonshotai/kimi-k2.6";

/** Where a request goes: the models in the order in which they are tried, given how each other node decides. */
function modelsTried(elements: readonly RouteElement[], decide: (element: RouteElement) => string): string[] {
  const tried: string[] = [];
  let current = elements.find(({ type }) => type === "start");
  while (current && current.type !== "end") {
    if (current.type === "model") tried.push(`${current.properties.provider}/${current.properties.model}`);
    const output = { start: "next", model: "fallback" }[current.type as string] ?? decide(current);
    const outputs: Record<string, { elementId: string }> = current.outputs;
    const next = outputs[output]?.elementId;
    current = elements.find(({ id }) => id === next);
  }
  return tried;
}

const no = () => "";

test.each([
  ["one model", oneModelRoute(KIMI)],
  ["a chain", fallbackRoute([BIG, SMALL, KIMI])],
  [
    "a split",
    splitRoute([
      { percent: 10, model: [BIG, KIMI] },
      { percent: 90, model: KIMI },
    ]),
  ],
  ["a limit", limitRoute({ per: "host", requests: 5, window: 60, model: BIG, beyond: KIMI })],
  ["a match", matchRoute({ metadata: "host", cases: { a: BIG, b: SMALL }, otherwise: KIMI })],
])("%s is a right graph", (_, elements) => {
  expect(parseRoute(elements)).toEqual({ elements });
});

test("a chain tries one model after the other", () => {
  expect(modelsTried(fallbackRoute([BIG, KIMI]), no)).toEqual([BIG, `workers-ai/${KIMI}`]);
});

test("settings of a model are its own, the others have the defaults", () => {
  const elements = fallbackRoute([{ model: BIG, timeout: 5_000, retries: 0 }, KIMI]);
  expect(elements.filter(({ type }) => type === "model")).toMatchObject([
    { properties: { provider: "openai", model: "gpt-5", timeout: 5_000, retries: 0 } },
    { properties: { provider: "workers-ai", model: KIMI, timeout: 60_000, retries: 1 } },
  ]);
});

test("beyond a limit, and when the better model has failed, the cheaper ones serve", () => {
  const elements = limitRoute({
    per: "host",
    dollars: 5,
    window: 86_400,
    model: [BIG, SMALL],
    beyond: KIMI,
  });
  expect(elements[1]).toMatchObject({
    type: "rate",
    properties: { key: "metadata.host", limit: 5, limitType: "cost", window: 86_400 },
  });
  expect(modelsTried(elements, () => "success")).toEqual([BIG, SMALL, `workers-ai/${KIMI}`]);
  expect(modelsTried(elements, () => "fallback")).toEqual([`workers-ai/${KIMI}`]);
});

test("a match asks for one value after the other", () => {
  const elements = matchRoute({ metadata: "plan", cases: { paid: BIG, team: SMALL }, otherwise: KIMI });
  const serve = (plan: string) =>
    modelsTried(elements, (element) => {
      const condition = element.type === "conditional" ? element.properties.conditions["metadata.plan"] : {};
      return String(JSON.stringify(condition) === JSON.stringify({ $eq: plan }));
    });
  expect([serve("paid"), serve("team"), serve("free")]).toEqual([[BIG], [SMALL], [`workers-ai/${KIMI}`]]);
});

test.each([
  [KIMI, { provider: "workers-ai", model: KIMI }],
  ["openrouter/moonshotai/kimi-k2", { provider: "openrouter", model: "moonshotai/kimi-k2" }],
  ["gpt-5", undefined],
  ["openai/", undefined],
  ["/gpt-5", undefined],
])("%s names %j", (ref, expected) => {
  expect(readModelRef(ref)).toEqual(expected);
});
