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
  givenNames: new Set<string>(),
  acceptUnserved: [],
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

test("the plan says of every reference who serves it", () => {
  const config: JsonObject = {
    env: { vars: { FIREWORKS_API_KEY: KEY } },
    models: { providers: { mine: { apiKey: KEY }, ollama: { baseUrl: "http://ollama/v1" } } },
    agents: {
      defaults: {
        model: { primary: "openai/gpt", fallbacks: ["groq/b", "mine/big"] },
        imageModel: { primary: "openai/gpt" },
        models: { "cf-groq/own": {}, "ollama/llama": { alias: "fast" } },
        workspace: "agents/one",
      },
      list: [{ id: "a", model: "fireworks/kimi", heartbeat: { model: "moonshot/k2" } }],
    },
    channels: { modelByChannel: { telegram: { "1": "fireworks/accepted" } }, web: "https://a.example/b" },
  };
  const providers = { ...WANTED.patch.models.providers, openai: { baseUrl: "u", models: [] } };
  const plan = planConfig(config, NONE, {
    ...WANTED,
    patch: { models: { providers }, agents: { defaults: { imageModel: { primary: "cf-groq/b" } } } },
    acceptUnserved: ["fireworks/accepted"],
  });
  expect(plan.notes).toEqual([
    "models served by the stack under the same name: openai/gpt, cf-groq/own",
    "agents.defaults.model.fallbacks.0: groq/b is served as cf-groq/b",
    "channels.modelByChannel.telegram.1: fireworks/accepted is served no more, as accepted",
    "models left to the host's own providers: ollama/llama, moonshot/k2",
  ]);
  expect(plan.refusals.map(({ message }) => message.split("\n")[0])).toEqual([
    "error model_unserved: agents.defaults.model.fallbacks.1 of openclaw.json uses mine/big, whose provider's key is taken out",
    "error model_unserved: agents.list.0.model of openclaw.json uses fireworks/kimi, whose provider's key is taken out",
  ]);
});

test("a provider without an entry loses the variable of its name", () => {
  const config = { agents: { defaults: { model: "fire-works/kimi" } } };
  const refusalsWith = (name: string) =>
    planConfig(config, NONE, { ...WANTED, takenNames: new Set([name]) }).refusals.length;
  expect(refusalsWith("FIRE_WORKS_API_KEY")).toBe(1);
  expect(refusalsWith("GROQ_API_KEY")).toBe(0);
});

test("a variable that the stack sets itself keeps its provider served", () => {
  const config = { agents: { defaults: { model: "openai/gpt" } } };
  const names = new Set(["OPENAI_API_KEY"]);
  const plan = planConfig(config, NONE, { ...WANTED, patch: {}, takenNames: names, givenNames: names });
  expect(plan.refusals).toEqual([]);
  expect(plan.notes).toEqual(["models served by the stack under the same name: openai/gpt"]);
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
  const accepting = { ...WANTED, acceptUnserved: ["mine/big"] };
  expect(planConfig(config, NONE, accepting).refusals).toEqual([]);
});

test("the commands that accept models follow on each other and on the list, one for each model", () => {
  const models = { primary: "mine/big", fallbacks: ["mine/small", "mine/big", "mine/old"] };
  const config = {
    models: { providers: { mine: { apiKey: KEY } } },
    agents: { defaults: { model: models } },
  };
  const { refusals } = planConfig(config, NONE, { ...WANTED, acceptUnserved: ["other/x", "mine/old"] });
  const commands = refusals.map(({ message }) => /'openclaw\.acceptUnserved.*' \S+/.exec(message)?.[0]);
  expect(commands).toEqual([
    "'openclaw.acceptUnserved[2]' mine/big",
    "'openclaw.acceptUnserved[3]' mine/small",
    "'openclaw.acceptUnserved[2]' mine/big",
  ]);
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

test("a reference in two parts is never renamed: it is served as it is, or lost", () => {
  const models = [
    { provider: "groq", model: "whisper" },
    { provider: "openai", model: "gpt-4o-transcribe" },
  ];
  const config = { tools: { media: { audio: { models } } }, auth: { profiles: { a: { provider: "groq" } } } };
  const providers = { ...WANTED.patch.models.providers, openai: { baseUrl: "u", models: [] } };
  const plan = planConfig(config, NONE, { ...WANTED, patch: { models: { providers } } });
  expect(plan.notes).toEqual(["models served by the stack under the same name: openai/gpt-4o-transcribe"]);
  expect(plan.refusals.map(({ message }) => message.split("\n")[0])).toEqual([
    "error model_unserved: tools.media.audio.models.0 of openclaw.json uses groq/whisper, whose provider's key is taken out",
  ]);
  const accepting = planConfig(config, NONE, { ...WANTED, acceptUnserved: ["groq/whisper"] });
  expect(accepting.refusals).toEqual([]);
  expect(accepting.expected).toMatchObject(config);
});

test("settings that lose their key are named", () => {
  const config = {
    tools: { web: { search: { provider: "grok" } } },
    plugins: { entries: { x: { config: { webSearch: { apiKey: KEY } } } } },
    agents: { defaults: { memorySearch: { remote: { apiKey: KEY } } } },
    messages: { tts: { apiKey: KEY } },
    models: { providers: { mine: { apiKey: KEY } } },
  };
  const { notes } = planConfig(config, NONE, {
    ...WANTED,
    takenNames: new Set(["XAI_API_KEY", "KIMI_API_KEY"]),
  });
  expect(notes).toEqual([
    "web search grok loses its key XAI_API_KEY; give it one of its own",
    "web search loses its key plugins.entries.x.config.webSearch.apiKey; give it one of another provider",
    "memory search loses its key agents.defaults.memorySearch.remote.apiKey; give it one of another provider",
    "a setting loses its key messages.tts.apiKey; give it one of another provider",
  ]);
});
