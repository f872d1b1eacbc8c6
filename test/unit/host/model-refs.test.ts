import type { JsonObject } from "../../../infra/host/in-container/json";
import { mapModelRefs, modelRefs } from "../../../infra/host/in-container/model-refs";
import { planConfig } from "../../../infra/host/in-container/planned-config";

const NONE = { changes: [], created: [] };
const KEY = "sk-ant-abcdefghijklmn";
const WANTED = {
  patch: { models: { providers: { "cf-groq": { baseUrl: "u", models: [{ id: "b", name: "ours" }] } } } },
  shapes: { otherNames: [], names: ["GROQ_API_KEY"], patterns: [/sk-ant-[a-z0-9]{10,}/] },
  providerIds: { groq: "cf-groq" },
  takenNames: new Set(["GROQ_API_KEY"]),
  acceptUnserved: new Set<string>(),
};

const CONFIG: JsonObject = {
  models: { providers: { groq: { models: [{ id: "groq/inner" }] } } },
  agents: {
    defaults: {
      model: { primary: "groq/llama", fallbacks: ["openai/gpt", "groq/b"] },
      models: { "groq/llama": { alias: "fast" } },
    },
    list: [{ id: "a", model: "groq/c" }],
  },
};

test("references are found and mapped wherever they are, but not where models are defined", () => {
  expect(modelRefs(CONFIG, new Set(["groq"])).map(({ path, ref }) => `${path} ${ref}`)).toEqual([
    "agents.defaults.model.primary groq/llama",
    "agents.defaults.model.fallbacks.1 groq/b",
    "agents.defaults.models groq/llama",
    "agents.list.0.model groq/c",
  ]);
  expect(mapModelRefs(CONFIG, { groq: "cf-groq" })).toEqual({
    models: CONFIG.models,
    agents: {
      defaults: {
        model: { primary: "cf-groq/llama", fallbacks: ["openai/gpt", "cf-groq/b"] },
        models: { "cf-groq/llama": { alias: "fast" } },
      },
      list: [{ id: "a", model: "cf-groq/c" }],
    },
  });
});

test("the plan maps them and says so", () => {
  const plan = planConfig(CONFIG, NONE, WANTED);
  expect(plan.refusals).toEqual([]);
  expect(plan.notes).toContain("agents.list.0.model: groq/c is served as cf-groq/c");
});

test.each<[string, JsonObject]>([
  ["a literal key", { apiKey: KEY }],
  [`a reference`, { apiKey: `\${GROQ_API_KEY}` }],
  ["OpenClaw's own form of one", { apiKey: { source: "env", provider: "default", id: "GROQ_API_KEY" } }],
])("a model of an own provider that loses %s is refused unless it is accepted", (_name, entry) => {
  const config = { models: { providers: { mine: entry } }, agents: { defaults: { model: "mine/big" } } };
  expect(planConfig(config, NONE, WANTED).refusals.map(({ message }) => message.split("\n")[0])).toEqual([
    "error model_unserved: agents.defaults.model of openclaw.json uses mine/big, whose provider's key is taken out",
  ]);
  const accepting = { ...WANTED, acceptUnserved: new Set(["mine/big"]) };
  expect(planConfig(config, NONE, accepting).refusals).toEqual([]);
});

test("a model of an own provider with a key of its own stays served", () => {
  const config = {
    models: { providers: { mine: { apiKey: `\${MINE}` } } },
    agents: { defaults: { model: "mine/x" } },
  };
  expect(planConfig(config, NONE, WANTED).refusals).toEqual([]);
});

test("a model list of the operator's keeps what ours does not replace", () => {
  const own = { models: { providers: { "cf-groq": { models: [{ id: "a" }, { id: "b", name: "his" }] } } } };
  const { expected } = planConfig(own, NONE, WANTED);
  expect(expected).toMatchObject({
    models: { providers: { "cf-groq": { models: [{ id: "a" }, { id: "b", name: "ours" }] } } },
  });
});

test("web searches that lose their key are named", () => {
  const config = {
    tools: { web: { search: { provider: "grok" } } },
    plugins: { entries: { x: { config: { webSearch: { apiKey: KEY } } } } },
  };
  const { notes } = planConfig(config, NONE, {
    ...WANTED,
    takenNames: new Set(["XAI_API_KEY", "KIMI_API_KEY"]),
  });
  expect(notes).toEqual([
    "web search grok loses its key XAI_API_KEY; give it one of its own",
    "web search loses its key plugins.entries.x.config.webSearch.apiKey; give it one of another provider",
  ]);
});
