import { GatewayClaimHandler } from "../../../infra/pulumi-provider/gateway-claim";

const INPUTS = { accountId: "acc", gatewayId: "mine", adopt: false };
const ADOPTED = { ...INPUTS, adopt: true, existing: true, retained: true };

/** A claim on an account that has these gateways, what was asked of it, and what it warned of. */
function claimOn(...gateways: string[]) {
  const asked: string[] = [];
  const warnings: string[] = [];
  const handler = new GatewayClaimHandler(async (_, id) => {
    asked.push(id);
    return gateways.includes(id);
  });
  return { handler, asked, warnings, reporter: { warn: (text: string) => warnings.push(text) } };
}

test("an id that nobody has is the stack's own", async () => {
  const checked = await claimOn("other").handler.check(INPUTS, undefined);
  expect(checked).toEqual({ inputs: { ...INPUTS, existing: false, retained: false }, failures: [] });
});

test("somebody else's gateway is refused, with the commands for both ways out", async () => {
  const { failures } = await claimOn("mine").handler.check(INPUTS, undefined);
  expect(failures).toEqual([{ property: "gatewayId", reason: expect.stringContaining("did not make") }]);
  expect(failures[0]?.reason).toMatch(/--path gateway\.id <id>.*--path gateway\.adopt true/);
});

test("it may be adopted, and is then kept", async () => {
  const checked = await claimOn("mine").handler.check({ ...INPUTS, adopt: true }, undefined);
  expect(checked).toEqual({ inputs: ADOPTED, failures: [] });
});

test.each([true, false])("what was found stays known without another look: %s", async (existing) => {
  const { handler, asked, reporter } = claimOn("mine");
  const before = { ...INPUTS, existing, retained: existing };
  const { inputs, failures } = await handler.check(INPUTS, before);
  expect({ inputs, failures, asked }).toEqual({ inputs: before, failures: [], asked: [] });
  expect(handler.diff(before, inputs, { reporter })).toEqual({ replaces: [], updates: [] });
});

test("an adopted gateway is kept when adopt is taken away, until the operator says otherwise", async () => {
  const { handler, reporter } = claimOn("mine");
  const dropped = await handler.check(INPUTS, ADOPTED);
  expect(dropped).toEqual({ inputs: { ...INPUTS, existing: true, retained: true }, failures: [] });
  expect(handler.diff(ADOPTED, dropped.inputs, { reporter }).updates).toEqual([]);

  const given = await handler.check({ ...INPUTS, retained: false }, dropped.inputs);
  expect(given.inputs).toMatchObject({ existing: true, retained: false });
  expect(handler.diff(ADOPTED, given.inputs, { reporter }).updates).toEqual(["retained"]);
});

test.each([
  [false, /from 'mine' to 'new'.*'mine' is deleted with its logs.*retainOnDelete/],
  [true, /from 'mine' to 'new'.*'mine' is kept with its logs/],
])("another id is another gateway: it is looked for, and the old one is named; kept: %s", async (...row) => {
  const [retained, message] = row;
  const { handler, asked, warnings, reporter } = claimOn("mine", "new");
  const before = { ...INPUTS, existing: false, retained };
  const { inputs, failures } = await handler.check({ ...INPUTS, gatewayId: "new" }, before);
  expect(asked).toEqual(["new"]);
  expect(failures).toHaveLength(1);
  expect(handler.diff(before, inputs, { reporter }).updates).toContain("gatewayId");
  expect(warnings).toEqual([expect.stringMatching(message)]);
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
