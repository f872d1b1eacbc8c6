import fc from "fast-check";
import { difference, revert, sameConfig } from "../../../infra/host/in-container/delta";
import { type JsonObject, mergePatch, sameJson } from "../../../infra/host/in-container/json";
import { planConfig } from "../../../infra/host/in-container/planned-config";

const NONE = { changes: [], created: [] };
const SHAPES = { otherNames: [], names: ["ANTHROPIC_API_KEY"], patterns: [/sk-ant-[a-z0-9]{10,}/] };
const key = "sk-ant-abcdefghijklmn";
const WANTED = {
  patch: {},
  shapes: SHAPES,
  providerIds: {},
  takenNames: new Set<string>(),
  givenNames: new Set<string>(),
  acceptUnserved: [],
};

/** Configurations without `${AI_GATEWAY_…}` and without `meta`, which are ours and OpenClaw's. */
const config = fc
  .dictionary(
    fc.constantFrom("a", "b", "models", "agents"),
    fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null),
    { maxKeys: 4 },
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

test("taking the difference out again gives the operator's file, whatever both were", () => {
  fc.assert(
    fc.property(config, config, (before, after) => {
      expect(sameJson(revert(after, difference(before, after)), before)).toBe(true);
    }),
  );
});

test("taking it out of a file that has been put back already changes nothing", () => {
  fc.assert(
    fc.property(config, config, (before, after) => {
      expect(sameJson(revert(before, difference(before, after)), before)).toBe(true);
    }),
  );
});

test("an edit beside ours stays, also inside an object that we made", () => {
  const before = { gateway: { mode: "local" } };
  const after = { gateway: { mode: "local" }, agents: { defaults: { model: { primary: "x/y" } } } };
  const edited = {
    gateway: { mode: "local", port: 1 },
    agents: { defaults: { model: { primary: "x/y" }, cwd: "/" } },
  };
  expect(revert(edited, difference(before, after))).toEqual({
    gateway: { mode: "local", port: 1 },
    agents: { defaults: { cwd: "/" } },
  });
});

test("a value of ours that was edited stays, unless it cannot live without our variables", () => {
  const before = { model: "own", url: "https://own" };
  const after = { model: "ours", url: `${reference("AI_GATEWAY_WORKER_URL")}/x` };
  const edited = { model: "theirs", url: `${reference("AI_GATEWAY_WORKER_URL")}/y` };
  expect(revert(edited, difference(before, after))).toEqual({ model: "theirs", url: "https://own" });
});

test("a provider entry that we added goes as a whole", () => {
  const after = { models: { providers: { p: { baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/p` } } } };
  const delta = difference({}, after);
  expect(
    revert(
      { models: { providers: { p: { baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/p`, headers: {} } } } },
      delta,
    ),
  ).toEqual({});
});

test("meta is not compared and always goes back", () => {
  const delta = difference({ a: 1 }, { a: 2, meta: { v: 1 } });
  expect(revert({ a: 2, meta: { v: 9, more: true } }, delta)).toEqual({ a: 1 });
  expect(sameConfig({ a: 1, meta: 1 }, { a: 1 })).toBe(true);
});

test("a merge patch merges, deletes with null and does not touch prototypes", () => {
  expect(mergePatch({ a: { b: 1, c: 2 } }, { a: { b: null, d: [1] } })).toEqual({ a: { c: 2, d: [1] } });
  const evil = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject;
  mergePatch({}, evil);
  revert({}, difference({}, evil));
  expect({}).not.toHaveProperty("polluted");
});

describe("the plan", () => {
  test("takes literal keys out, keeps references and the operator's models", () => {
    const current = {
      env: { vars: { ANTHROPIC_API_KEY: "odd-shape" } },
      models: {
        providers: { anthropic: { apiKey: key, models: [{ id: "m" }] }, own: { apiKey: reference("OWN") } },
      },
    };
    const patch = {
      models: { providers: { anthropic: { apiKey: reference("AI_GATEWAY_AUTH_TOKEN"), models: [] } } },
    };
    const plan = planConfig(current, NONE, { ...WANTED, patch });
    expect(plan.literals.map(({ value }) => value)).toEqual(["odd-shape", key]);
    expect(JSON.stringify(plan.prepared)).not.toMatch(/odd-shape|sk-ant/);
    expect(plan.expected).toEqual({
      env: { vars: {} },
      models: {
        providers: {
          anthropic: { apiKey: reference("AI_GATEWAY_AUTH_TOKEN"), models: [{ id: "m" }] },
          own: { apiKey: reference("OWN") },
        },
      },
    });
    expect(plan.base).toEqual(current);
  });

  test("a key may be in an object of a list, not an item of one", () => {
    const plan = planConfig({ list: [{ k: key, rest: 1 }, { keys: [key] }] }, NONE, WANTED);
    expect(plan.prepared.list).toEqual([{ rest: 1 }, { keys: [key] }]);
    expect(plan.refusals.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^error key_in_list: .* at list\.1\.keys\.0\n/),
    ]);
    expect(plan.refusals[0]?.message).not.toContain(key);
  });
});

/** How `openclaw.json` refers to a variable. */
function reference(name: string): string {
  return `\${${name}}`;
}
