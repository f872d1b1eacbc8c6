import { fallbackRoute, limitRoute, matchRoute, splitRoute } from "../../../infra/cloudflare/route";
import { parseConfig } from "../../../infra/config/parse";
import { ConfigError, type ConfigProblem, formatPath } from "../../../infra/config/problems";
import { DEFAULT_MODEL } from "../../../infra/config/routes";
import { KEYS, rawConfig } from "./raw-config";

const KIMI = "@cf/moonshotai/kimi-k2.6";
const SONNET = "anthropic/claude-sonnet-4-6";
const STORED = { providers: { anthropic: { apiKey: KEYS.anthropic, keyStore: "gateway" } } };

function parse(routes: unknown, values: Record<string, unknown> = STORED) {
  return parseConfig(rawConfig({ routes, ...values }));
}

function read(routes: unknown, values?: Record<string, unknown>) {
  const result = parse(routes, values);
  if ("problems" in result) throw new ConfigError("test", result.problems);
  return result.config.routes;
}

function problems(routes: unknown, values?: Record<string, unknown>): readonly ConfigProblem[] {
  const result = parse(routes, values);
  return "problems" in result ? result.problems : [];
}

describe("each form is its preset", () => {
  const limit = { per: "host", dollars: 5, window: 86_400, model: SONNET, beyond: [KIMI] };
  const match = { metadata: "host", cases: { vps1: SONNET }, otherwise: KIMI };
  const split = [
    { percent: 50, model: SONNET },
    { percent: 50, model: { model: KIMI, timeout: 5_000, retries: 0 } },
  ];
  test.each<[string, object, unknown]>([
    ["fallback", { fallback: [SONNET, KIMI] }, fallbackRoute([SONNET, KIMI])],
    ["limit", { limit }, limitRoute(limit)],
    ["match", { match }, matchRoute(match)],
    ["split", { split, allowPercentage: true }, splitRoute(split)],
  ])("%s", (_, entry, elements) => {
    expect(read({ main: entry })[0].elements).toEqual(elements);
  });
});

test("a name is the key unless it is given; pin and adoption are passed on", () => {
  expect(read({ a: { version: "v1", adopt: true }, b: { name: "other" } })).toMatchObject([
    { key: "a", name: "a", version: "v1", adopt: true },
    { key: "b", name: "other", adopt: false },
  ]);
});

test("the default is main, else the first by key", () => {
  const first = (...keys: string[]) => read(Object.fromEntries(keys.map((key) => [key, {}])))[0].key;
  expect([first("z", "main", "a"), first("z", "b"), first("only")]).toEqual(["main", "b", "only"]);
});

test("a key with nothing behind it is a route with the default model", () => {
  expect(read({ main: null })).toEqual(read({ main: { model: DEFAULT_MODEL } }));
});

test("every route can be OpenClaw's primary model", () => {
  const openclaw = { primaryModel: "cloudflare-compat/dynamic/other" };
  expect(problems({ main: {}, b: { name: "other" } }, { openclaw })).toEqual([]);
  expect(problems({ main: {} }, { openclaw })).toHaveLength(1);
});

describe("what is wrong, and where", () => {
  const at = (routes: unknown, values?: Record<string, unknown>) =>
    problems(routes, values).map(({ path, reason }) => `${formatPath(path)}: ${reason ?? ""}`);

  test.each<[string, unknown, string[]]>([
    ["a key with a space", { "a b": {} }, ["routes.a b: "]],
    [
      "two forms",
      { main: { model: KIMI, fallback: [KIMI] } },
      ["routes.main: has more than one of model, fallback, split, limit, match, graph"],
    ],
    [
      "an unknown setting",
      { main: { modle: KIMI } },
      [expect.stringMatching(/^routes\.main\.modle: there is no such key; there are name, model/)],
    ],
    [
      "shares that are not 100",
      {
        a: {
          split: [
            { percent: 10, model: KIMI },
            { percent: 80, model: KIMI },
          ],
        },
      },
      ["routes.a.split: the shares are not 100 in total"],
    ],
    [
      "one branch",
      { a: { split: [{ percent: 99, model: KIMI }] } },
      ["routes.a.split: ", "routes.a.split: the shares are not 100 in total"],
    ],
    [
      "shares that cannot be told apart",
      {
        a: {
          split: [
            { percent: 98, model: KIMI },
            { percent: 1, model: KIMI },
            { percent: 1, model: KIMI },
          ],
        },
      },
      [expect.stringMatching(/^routes\.a\.split: Two branches of a split have 1%/)],
    ],
    [
      "a limit of nothing",
      { main: { limit: { per: "host", window: 60, model: KIMI, beyond: KIMI } } },
      ["routes.main.limit: needs either requests or dollars"],
    ],
    [
      "a limit by what is not sent",
      { main: { limit: { per: "user", requests: 1, window: 60, model: KIMI, beyond: KIMI } } },
      ["routes.main.limit: no request has metadata 'user'; the Worker sends host"],
    ],
    [
      "no cases",
      { main: { match: { metadata: "host", cases: {}, otherwise: KIMI } } },
      ["routes.main.match.cases: is empty"],
    ],
    [
      "a provider by another name",
      { main: { fallback: [KIMI, "gemini/x"] } },
      [
        "routes.main.fallback: 'gemini' is no provider of AI Gateway; the gateway's name is 'google-ai-studio'",
      ],
    ],
    [
      "two routes of one name",
      { a: { name: "x" }, b: { name: "x" } },
      ["routes.b.name: also the name of routes.a"],
    ],
    ["a version with a space", { main: { version: "a b" } }, ["routes.main.version: "]],
  ])("%s", (_, routes, expected) => {
    expect(at(routes)).toEqual(expected);
  });

  test("a split in the default route needs the switch, in another one not", () => {
    const split = [
      { percent: 10, model: KIMI },
      { percent: 90, model: KIMI },
    ];
    const [problem] = problems({ main: { split } });
    expect(problem).toMatchObject({
      path: ["routes", "main", "split"],
      reason: expect.stringContaining("error 2005"),
      fix: "pulumi config set --path 'routes.main.allowPercentage' true",
    });
    expect(problems({ main: { split, allowPercentage: true } })).toEqual([]);
    expect(problems({ main: {}, trial: { split } })).toEqual([]);
  });

  test("a key that is not stored is named, with the commands that store it", () => {
    const fix = (values: Record<string, unknown>) =>
      problems({ main: { model: "openai/gpt-5" } }, values).map((problem) => problem.fix);
    const store = "pulumi config set --path 'providers.openai.keyStore' gateway";
    expect(fix({})).toEqual([`pulumi config set --secret --path 'providers.openai.apiKey'; ${store}`]);
    expect(fix({ providers: { openai: { apiKey: KEYS.openai } } })).toEqual([store]);
    expect(fix({ providers: { openai: { apiKey: KEYS.openai, keyStore: "both" } } })).toEqual([]);
    expect(fix({ providers: { openai: { byokAlias: "mine" } } })).toEqual([]);
    const gateway = { byokOnly: false };
    expect(fix({ providers: { openai: { unifiedBilling: true } }, gateway })).toEqual([]);
  });

  test("metadata that is missing is named with the command that adds it", () => {
    const match = { metadata: "plan", cases: { paid: KIMI }, otherwise: KIMI };
    expect(problems({ main: { match } })[0]?.fix).toBe(
      "pulumi config set --path 'worker.metadata.plan' <value>",
    );
    expect(problems({ main: { match } }, { worker: { metadata: { plan: "paid" } } })).toEqual([]);
  });

  test("all of it at once", () => {
    expect(at({ a: { model: "x" }, b: { split: 1 }, c: { fallback: [] } })).toHaveLength(3);
  });
});
