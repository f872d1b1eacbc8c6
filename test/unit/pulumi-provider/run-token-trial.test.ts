import { RunTokenTrialHandler } from "../../../infra/pulumi-provider/run-token-trial";
import { type FakeGateway, gatewayError, startFakeGateway } from "./fake-gateway";

let gateway: FakeGateway;
let waits: number[];
let handler: RunTokenTrialHandler;
let inputs: { gatewayUrl: string; token: string };

beforeAll(async () => {
  gateway = await startFakeGateway();
});

afterAll(() => gateway.close());

beforeEach(() => {
  waits = [];
  gateway.asked.length = 0;
  handler = new RunTokenTrialHandler(async (ms) => waits.push(ms));
  inputs = { gatewayUrl: gateway.url, token: "the-token" };
});

test("an empty request that is only malformed proves the token; nothing else is sent", async () => {
  gateway.answers = [gatewayError(400, 2019)];
  expect(await handler.create(inputs)).toEqual({ id: "run-token-trial", outputs: inputs });
  expect(gateway.asked).toEqual([
    {
      method: "POST",
      path: "/v1/a/g/compat/chat/completions",
      headers: expect.objectContaining({
        "cf-aig-authorization": "Bearer the-token",
        "cf-aig-collect-log": "false",
        "content-length": "0",
      }),
      body: "",
    },
  ]);
});

test("a token and a gateway that are not known everywhere yet are waited for", async () => {
  gateway.answers = [
    gatewayError(401, 2009),
    gatewayError(400, 2001),
    { status: 502, body: {} },
    gatewayError(400, 2019),
  ];
  await handler.create(inputs);
  expect(waits).toEqual([500, 1_000, 2_000]);
});

test.each([
  [
    "a token that is never accepted",
    gatewayError(401, 2009),
    /does not accept the run token \(2009\).*AI Gateway Run.*runToken\.rotation/,
  ],
  ["a gateway that is never there", gatewayError(400, 2001), /does not know a gateway at .*\(2001\)/],
  [
    "something else at that address",
    { status: 404, body: "nothing" },
    /HTTP 404, which is no answer of AI Gateway/,
  ],
])("%s ends the wait after a minute", async (_, answer, message) => {
  gateway.answers = [answer];
  const error = handler.create(inputs);
  await expect(error).rejects.toThrow(message);
  await expect(error).rejects.not.toThrow("the-token");
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(60_000);
});

test("nobody at that address", async () => {
  const gone = await startFakeGateway();
  await gone.close();
  await expect(handler.create({ ...inputs, gatewayUrl: gone.url })).rejects.toThrow(
    /cannot be reached at .*ECONNREFUSED/,
  );
});

test("another token or another gateway is tried, nothing else", async () => {
  gateway.answers = [gatewayError(400, 2019)];
  expect(handler.diff(inputs, inputs)).toEqual({ replaces: [], updates: [] });
  expect(handler.diff(inputs, { ...inputs, token: "new" })).toEqual({ replaces: [], updates: ["token"] });
  await handler.update("", inputs, { ...inputs, token: "new" });
  expect(gateway.asked.map(({ headers }) => headers["cf-aig-authorization"])).toEqual(["Bearer new"]);
});
