import { DrainHandler } from "../../../infra/pulumi-provider/drain";

const waits: number[] = [];
const handler = new DrainHandler(async (ms) => waits.push(ms));
const INPUTS = { of: "token-1", seconds: 60 };

test("only something else in place of what was in use is waited for", async () => {
  await handler.create(INPUTS);
  expect(handler.diff(INPUTS, { ...INPUTS, seconds: 5 })).toEqual({ replaces: [], updates: [] });
  expect(waits).toEqual([]);
  const next = { of: "token-2", seconds: 60 };
  expect(handler.diff(INPUTS, next)).toEqual({ replaces: [], updates: ["of"] });
  expect(await handler.update("", INPUTS, next)).toEqual(next);
  expect(waits).toEqual([60_000]);
  await handler.delete();
  expect(waits).toHaveLength(1);
});
