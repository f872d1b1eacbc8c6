import {
  type ModelRef,
  oneModelRoute,
  parseRoute,
  type RouteRules,
  routeWarnings,
} from "../../../../infra/cloudflare/route";
import { conditional, end, model, percentage, rate, start, to } from "./elements";

const STRICT: RouteRules = {
  servable: new Set(),
  storeKey: (provider) => `store ${provider}`,
  allowPercentage: false,
  allowPercentageFix: "allow",
  metadata: new Set(["host"]),
  addMetadata: (name) => `add ${name}`,
};

/** The problems as `path: problem` lines. */
function problems(graph: unknown, rules?: RouteRules): string[] {
  return (parseRoute(graph, rules).problems ?? []).map(
    ({ path, problem }) => `${path.join(".")}: ${problem}`,
  );
}

describe("what is accepted", () => {
  test.each([
    ["one model", oneModelRoute("@cf/moonshotai/kimi-k2.6")],
    ["a model that falls back", [start("a"), model("a", "end", "b"), model("b"), end()]],
    ["a rate node", [start("cap"), rate("cap", "a", "b"), model("a"), model("b"), end()]],
    ["a conditional node", [start("if"), conditional("if", "a", "end"), model("a"), end()]],
    ["several ends", [start("a"), model("a", "good", "bad"), end("good"), end("bad")]],
    [
      "five branches",
      [
        start("p"),
        percentage("p", { "1%": "end", "2%": "end", "3%": "end", "4%": "end", "90%": "end" }),
        end(),
      ],
    ],
  ])("%s", (_, graph) => {
    expect(problems(graph)).toEqual([]);
  });

  test("defaults are filled in: timeout and retries of a model, outputs of an end", () => {
    const { elements } = parseRoute([start("a"), model("a"), end()]);
    expect(elements?.[1]).toMatchObject({ properties: { timeout: 60_000, retries: 1 } });
    expect(elements?.[2]).toEqual({ id: "end", type: "end", outputs: {} });
  });
});

describe("what is refused, and where", () => {
  const noFallback = { ...model("a"), outputs: { success: to("end") } };
  const misspelt = {
    ...conditional("if", "end", "end"),
    properties: { condition: { "metadata.host": "vps1" } },
  };
  const interval = {
    ...rate("cap", "end", "end"),
    properties: { key: "metadata.host", limit: 1, limitType: "count", interval: 60 },
  };

  test.each<[string, unknown, string[]]>([
    ["no list", "a graph", [": Invalid input: expected array, received string"]],
    ["no element at all", [], [": has no element of type 'start'", ": has no element of type 'end'"]],
    ["no start", [model("a"), end()], [": has no element of type 'start'"]],
    [
      "two starts",
      [start("end"), start("end", "again"), end()],
      ["1.type: a second 'start'; the first is [0]"],
    ],
    ["no end", [start("a"), model("a", "a", "a")], [": has no element of type 'end'"]],
    ["an id used twice", [start("a"), model("a"), model("a"), end()], ["2.id: 'a' is also the id of [1]"]],
    [
      "an edge to nowhere",
      [start("a"), model("a", "end", "b"), end()],
      ["1.outputs.fallback.elementId: leads to 'b', which is no element"],
    ],
    [
      "a circle",
      [start("a"), model("a", "end", "b"), model("b", "end", "a"), end()],
      ["2.outputs.fallback.elementId: leads back to 'a': a route must not run in a circle"],
    ],
    [
      "an element that leads to itself",
      [start("a"), model("a", "end", "a"), end()],
      ["1.outputs.fallback.elementId: leads back to 'a': a route must not run in a circle"],
    ],
    [
      "a way back to the start",
      [start("a"), model("a", "end", "start"), end()],
      ["1.outputs.fallback.elementId: leads back to 'start': a route must not run in a circle"],
    ],
    ["an island", [start("end"), model("a"), end()], ["1: 'a' cannot be reached from the start"]],
    ["a model without fallback", [start("a"), noFallback, end()], ["1.outputs.fallback: is missing"]],
    [
      "condition for conditions",
      [start("if"), misspelt, end()],
      [
        "1.properties.conditions: is missing",
        "1.properties: unknown 'condition' (the property is called 'conditions')",
      ],
    ],
    [
      "interval for window",
      [start("cap"), interval, end()],
      [
        "1.properties.window: is missing",
        "1.properties: unknown 'interval' (the property is called 'window')",
      ],
    ],
    [
      "a type that is none",
      [{ id: "x", type: "rate_limit" }],
      ["0.type: is not a type of element: start, conditional, percentage, rate, model, end"],
    ],
    [
      "a total that is not 100",
      [start("p"), percentage("p", { "10%": "end", "80%": "end" }), end()],
      ["1.outputs: the branches total 90%, not 100%"],
    ],
    [
      "no branches",
      [start("p"), percentage("p", {}), end()],
      ["1.outputs: the branches total 0%, not 100%", "2: 'end' cannot be reached from the start"].slice(0, 1),
    ],
    [
      "a share that is not whole",
      [start("p"), percentage("p", { "0.5%": "end" }), end()],
      ["1.outputs.0.5%: '0.5%' is not a whole percentage such as '10%'"],
    ],
    [
      "else on a percentage node",
      [start("p"), percentage("p", { "90%": "end", else: "end" }), end()],
      ["1.outputs.else: 'else' is not a whole percentage such as '10%'"],
    ],
    [
      "six branches",
      [
        start("p"),
        percentage("p", { "1%": "end", "2%": "end", "3%": "end", "4%": "end", "5%": "end", "85%": "end" }),
        end(),
      ],
      ["1.outputs: 6 branches; at most 5 are allowed"],
    ],
  ])("%s", (_, graph, expected) => {
    expect(problems(graph)).toEqual(expected);
  });

  test("all problems at once", () => {
    expect(problems([start("a"), model("a", "x", "y"), end(), end()])).toHaveLength(3);
  });
});

describe("what this stack's gateway cannot serve", () => {
  test("a model whose key is not stored is refused by the name of its node", () => {
    const graph = [
      start("big"),
      { ...model("big"), properties: { provider: "openai", model: "gpt-5" } },
      end(),
    ];
    expect(problems(graph)).toEqual([]);
    expect(problems(graph, STRICT)).toEqual([
      expect.stringMatching(/^1\.properties\.provider: model node 'big' needs a key of 'openai' stored/),
    ]);
    expect(problems(graph, { ...STRICT, servable: new Set(["openai"]) })).toEqual([]);
  });

  test("a model of Workers AI needs no key, but a name of Workers AI", () => {
    expect(problems(oneModelRoute("@cf/meta/llama-3.1-8b-instruct"), STRICT)).toEqual([]);
    expect(problems(oneModelRoute("workers-ai/gpt-5"), STRICT)).toEqual([
      "1.properties.model: 'gpt-5' is no Workers AI model; their names start with '@cf/'",
    ]);
  });

  test.each([
    ["google", "google-ai-studio"],
    ["Gemini", "google-ai-studio"],
    ["xai", "grok"],
    ["perplexity", "perplexity-ai"],
    ["OpenAI", "openai"],
    ["antropic", "anthropic"],
    ["workers_ai", "workers-ai"],
  ])("'%s' is told that the gateway says '%s'", (wrong, right) => {
    expect(problems(oneModelRoute(`${wrong}/m`), STRICT)).toEqual([
      `1.properties.provider: '${wrong}' is no provider of AI Gateway; the gateway's name is '${right}'`,
    ]);
  });

  test("a provider that resembles none is not guessed", () => {
    expect(problems(oneModelRoute("nobody-knows/m"))).toEqual([
      "1.properties.provider: 'nobody-knows' is no provider of AI Gateway",
    ]);
  });

  test("a model with its provider before it is refused", () => {
    expect(problems(oneModelRoute("openai/openai/gpt-5"))).toEqual([
      "1.properties.model: 'openai/gpt-5' names its provider again; the model alone is 'gpt-5'",
    ]);
  });

  test("a field that no request has is refused, also deep in a condition", () => {
    const deep = {
      ...conditional("if", "end", "end"),
      properties: { conditions: { $or: [{ plan: "paid" }, { $not: { "body.user": { $eq: "ada" } } }] } },
    };
    const cap = {
      ...rate("cap", "if", "end"),
      properties: { key: "host", limit: 1, limitType: "count", window: 60 },
    };
    const reason = "is no field of a request; there are metadata.<name>, body.<name> and headers.<name>";
    expect(problems([start("cap"), cap, deep, end()])).toEqual([
      `1.properties.key: 'host' ${reason}`,
      `2.properties.conditions.$or.0.plan: 'plan' ${reason}`,
    ]);
  });

  test("metadata that the Worker does not send is refused, with the command that adds it", () => {
    const onPlan = {
      ...conditional("if", "end", "end"),
      properties: { conditions: { "metadata.plan": { $eq: "paid" }, "metadata.host": { $eq: "vps1" } } },
    };
    const { problems: found } = parseRoute([start("if"), onPlan, end()], STRICT);
    expect(found).toEqual([
      {
        path: [1, "properties", "conditions", "metadata.plan"],
        problem: "no request has metadata 'plan'; the Worker sends host",
        fix: "add plan",
      },
    ]);
  });

  test("a percentage node is refused with the reason, and allowed when asked for", () => {
    const graph = [start("p"), percentage("p", { "100%": "end" }), end()];
    expect(problems(graph, STRICT)).toEqual([
      expect.stringMatching(/^1\.type: 'p' is a percentage node in the default route.*2005/),
    ]);
    expect(problems(graph, { ...STRICT, allowPercentage: true })).toEqual([]);
  });
});

test("what is allowed and known to go wrong is a warning", () => {
  const warnings = (model: ModelRef) =>
    routeWarnings(oneModelRoute(model)).map(({ path, problem }) => `${path.join(".")}: ${problem}`);
  expect(warnings("@cf/moonshotai/kimi-k2.6")).toEqual([]);
  expect(warnings("openrouter/x/y")).toEqual([
    expect.stringMatching(/^1\.properties\.provider: 'openrouter'/),
  ]);
  expect(warnings("custom-mine/m")).toEqual([expect.stringMatching(/'custom-mine'.*2005 or 2008/)]);
  expect(warnings({ model: "openai/gpt-5", timeout: 60 })).toEqual([
    "1.properties.timeout: 60 ms is very short; the time-out is in milliseconds",
  ]);
  const split = [start("p"), percentage("p", { "100%": "end" }), end()];
  expect(routeWarnings(parseRoute(split).elements ?? [])).toHaveLength(1);
});
