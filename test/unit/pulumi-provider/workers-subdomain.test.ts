import { WorkersSubdomainHandler } from "../../../infra/pulumi-provider/workers-subdomain";

const INPUTS = { accountId: "acc", wanted: "acme" };

function account(subdomain?: string) {
  const state = { subdomain };
  const handler = new WorkersSubdomainHandler(() => ({
    get: async () => state.subdomain,
    set: async (name) => {
      state.subdomain = name;
    },
  }));
  return { state, handler };
}

test("an account without a name gets one, and keeps it", async () => {
  const { state, handler } = account();
  const { id, outputs } = await handler.create(INPUTS);
  expect({ id, outputs }).toEqual({
    id: "acc",
    outputs: { ...INPUTS, subdomain: "acme", createdByUs: true },
  });
  await handler.delete();
  expect(state.subdomain).toBe("acme");
});

test("the name that an account has is taken as it is", async () => {
  const { state, handler } = account("older");
  expect((await handler.create(INPUTS)).outputs).toMatchObject({ subdomain: "older", createdByUs: false });
  expect(state.subdomain).toBe("older");
});

test("another wish changes nothing; another account is another name", () => {
  const { handler } = account();
  expect(handler.diff(INPUTS, { ...INPUTS, wanted: "other" })).toEqual({ replaces: [], updates: [] });
  expect(handler.diff(INPUTS, { ...INPUTS, accountId: "other" }).replaces).toEqual(["accountId"]);
});

test("refresh reads what is there", async () => {
  const state = { ...INPUTS, subdomain: "acme", createdByUs: true };
  expect(await account("renamed").handler.read("acc", state)).toEqual({
    id: "acc",
    inputs: INPUTS,
    outputs: { ...state, subdomain: "renamed" },
  });
  expect(await account().handler.read("acc", state)).toBeUndefined();
});

test("a name that somebody else has is named", async () => {
  const handler = new WorkersSubdomainHandler(() => ({
    get: async () => undefined,
    set: () => Promise.reject(new Error("409 not available")),
  }));
  await expect(handler.create(INPUTS)).rejects.toThrow(
    "subdomain 'acme' could not be made: 409 not available",
  );
});
