import { GatewayClaimHandler } from "../../../infra/pulumi-provider/gateway-claim";

const INPUTS = { accountId: "acc", gatewayId: "mine", adopt: false, retained: false };

/** A claim on an account that has these gateways, and what was asked of it. */
function claimOn(...gateways: string[]) {
  const asked: string[] = [];
  const handler = new GatewayClaimHandler(async (_, id) => {
    asked.push(id);
    return gateways.includes(id);
  });
  return { handler, asked };
}

test("an id that nobody has is the stack's own", async () => {
  const checked = await claimOn("other").handler.check(INPUTS, undefined);
  expect(checked).toEqual({
    inputs: { ...INPUTS, existing: false, replaced: "", replacedIsKept: false },
    failures: [],
  });
});

test("somebody else's gateway is refused, with the commands for both ways out", async () => {
  const { failures } = await claimOn("mine").handler.check(INPUTS, undefined);
  expect(failures).toEqual([{ property: "gatewayId", reason: expect.stringContaining("did not make") }]);
  expect(failures[0]?.reason).toMatch(/--path gateway\.id <id>.*--path gateway\.adopt true/);
});

test("it may be adopted", async () => {
  const { inputs, failures } = await claimOn("mine").handler.check({ ...INPUTS, adopt: true }, undefined);
  expect(failures).toEqual([]);
  expect(inputs.existing).toBe(true);
});

test.each([true, false])("what was found stays known without another look: %s", async (existing) => {
  const { handler, asked } = claimOn("mine");
  const before = { ...INPUTS, existing, replaced: "older", replacedIsKept: true };
  const { inputs, failures } = await handler.check(INPUTS, before);
  expect({ inputs, failures, asked }).toEqual({
    inputs: { ...INPUTS, existing, replaced: "", replacedIsKept: false },
    failures: [],
    asked: [],
  });
  expect(handler.diff(before, inputs)).toEqual({ replaces: [], updates: [] });
});

test("another id is another gateway: it is looked for, and the old one is named", async () => {
  const { handler, asked } = claimOn("mine", "new");
  const before = { ...INPUTS, existing: false, retained: true };
  const { inputs, failures } = await handler.check({ ...INPUTS, gatewayId: "new" }, before);
  expect(asked).toEqual(["new"]);
  expect(failures).toHaveLength(1);
  expect(inputs).toMatchObject({ replaced: "mine", replacedIsKept: true });
  expect(handler.diff(before, inputs).updates).toEqual(["gatewayId"]);
});

test("a claim whose gateway is gone is gone too", async () => {
  const state = { ...INPUTS, existing: true };
  expect(await claimOn("mine").handler.read("claim", state)).toEqual({
    id: "claim",
    inputs: state,
    outputs: state,
  });
  expect(await claimOn().handler.read("claim", state)).toBeUndefined();
});

test("a refused look says which permission it needs", async () => {
  const handler = new GatewayClaimHandler(() =>
    Promise.reject(Object.assign(new Error("no"), { status: 403 })),
  );
  await expect(handler.check(INPUTS, undefined)).rejects.toThrow(
    /'mine' could not be looked for.*AI Gateway Write/,
  );
});
