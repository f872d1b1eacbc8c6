import { LLM_PROVIDERS } from "../../../infra/llm-providers";
import { ProviderKeyTrialHandler } from "../../../infra/pulumi-provider/provider-key-trial";
import { type FakeGateway, gatewayError, startFakeGateway } from "./fake-gateway";

const handler = new ProviderKeyTrialHandler();
let gateway: FakeGateway;
let inputs: { gatewayUrl: string; runToken: string; slug: string; apiKey: string };

beforeAll(async () => {
  gateway = await startFakeGateway();
});

afterAll(() => gateway.close());

beforeEach(() => {
  gateway.asked.length = 0;
  gateway.answers = [{ status: 200, body: { data: [] } }];
  inputs = { gatewayUrl: gateway.url, runToken: "the-token", slug: "openai", apiKey: "the-key" };
});

test.each(LLM_PROVIDERS.filter(({ keyTrial }) => keyTrial !== undefined))(
  "$name's key goes where requests put it, to a call that costs nothing",
  async ({ slug, keyTrial, keyHeader }) => {
    expect(await handler.create({ ...inputs, slug })).toMatchObject({ outputs: { untried: "" } });
    const key = keyHeader === "authorization" ? "Bearer the-key" : "the-key";
    expect(gateway.asked).toEqual([
      expect.objectContaining({
        method: "GET",
        path: `/v1/a/g/${slug}/${keyTrial}`,
        headers: expect.objectContaining({ [keyHeader]: key, "cf-aig-authorization": "Bearer the-token" }),
      }),
    ]);
  },
);

test.each([
  ["401", { status: 401, body: { error: "Incorrect API key" } }],
  [
    "Google's way",
    { status: 400, body: { error: { message: "API key not valid. Please pass a valid API key." } } },
  ],
])("a key that the provider refuses is an error: %s", async (_, answer) => {
  gateway.answers = [answer];
  const error = handler.create(inputs);
  await expect(error).rejects.toThrow(
    /OpenAI does not accept the key in providers\.openai\.apiKey.*pulumi config set --secret --path/,
  );
  await expect(error).rejects.not.toThrow("the-key");
});

test.each([
  ["a limited key, or a region", { status: 403, body: {} }, "OpenAI answered with HTTP 403"],
  ["a vendor that is down", { status: 503, body: {} }, "OpenAI answered with HTTP 503"],
  ["a malformed call", { status: 400, body: { error: "unknown field" } }, "OpenAI answered with HTTP 400"],
  ["a refusal of the gateway's own", gatewayError(401, 2009), "AI Gateway answered with 2009"],
])("%s says nothing about the key, which is tried again", async (_, answer, untried) => {
  gateway.answers = [answer];
  const { outputs } = await handler.create(inputs);
  expect(outputs.untried).toBe(untried);
  expect(handler.diff(outputs, inputs).updates).toEqual(["untried"]);
});

test("nobody at the gateway's address is no proof against the key either", async () => {
  const gone = await startFakeGateway();
  await gone.close();
  const { outputs } = await handler.create({ ...inputs, gatewayUrl: gone.url });
  expect(outputs.untried).toMatch(/cannot be reached: .*ECONNREFUSED/);
});

test("a key that was accepted is not tried again, whatever the run token; another key is", () => {
  const state = { ...inputs, untried: "" };
  expect(handler.diff(state, { ...inputs, runToken: "new" })).toEqual({ replaces: [], updates: [] });
  expect(handler.diff(state, { ...inputs, apiKey: "new" }).updates).toEqual(["apiKey"]);
});
