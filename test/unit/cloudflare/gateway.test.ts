import * as pulumi from "@pulumi/pulumi";
import {
  type ClaimedGateway,
  claimGateway,
  createGateway,
  gatewayEndpoint,
} from "../../../infra/cloudflare/gateway";
import { idInState } from "../../../infra/stack-state";
import { stackConfig } from "../config/stack-config";
import { dependencies, recordStack } from "../program/recorded-stack";

jest.mock("../../../infra/stack-state");

const ACCOUNT = "0123456789abcdef0123456789abcdef";

const OWN = { toImport: false, retained: false };

function makeGateway(gateway: object, found: Omit<ClaimedGateway, "resource">) {
  const claim = { resource: new pulumi.ComponentResource("test:index:Claim", "claim"), ...found };
  const { gateway: settings } = stackConfig({ gateway });
  return createGateway({ accountId: ACCOUNT, settings, claim });
}

function record(gateway: object, found = OWN) {
  return recordStack(() => ({ id: makeGateway(gateway, found).id }));
}

const DEFAULTS = {
  accountId: ACCOUNT,
  aiGatewayId: "openclaw-test",
  authentication: true,
  byokOnly: true,
  cacheInvalidateOnUpdate: true,
  cacheTtl: 0,
  collectLogs: true,
  logClassification: false,
  logManagement: 100_000,
  logManagementStrategy: "DELETE_OLDEST",
  logpush: false,
  otels: [],
  rateLimitingInterval: 0,
  rateLimitingLimit: 0,
  rateLimitingTechnique: "sliding",
  spendLimits: { enabled: false, rules: [] },
  workersAiBillingMode: "postpaid",
  zdr: false,
};

test("every attribute that has a value for off is sent, the careful ones by default", async () => {
  const gateway = (await record({})).resource("gateway");
  expect(gateway).toMatchObject({ type: "cloudflare:index/aiGateway:AiGateway", inputs: DEFAULTS });
  expect(Object.keys(gateway.inputs).sort()).toEqual(Object.keys(DEFAULTS).sort());
  expect(gateway.options).toMatchObject({ protect: false, retainOnDelete: false });
  expect(gateway.options.import).toBeUndefined();
  expect(await dependencies(gateway)).toEqual(["claim"]);
});

const rule = {
  id: "month",
  limit: 50,
  limitType: "cost",
  window: 2_592_000,
  technique: "fixed",
  enabled: true,
};
const policy = { id: "keys", action: "BLOCK", checks: ["REQUEST"], enabled: true, profiles: ["p"] };
const pem = "-----BEGIN PUBLIC KEY-----";

test.each<[string, object, object]>([
  ["id", { id: "mine" }, { aiGatewayId: "mine" }],
  ["no logs", { collectLogs: false }, { collectLogs: false }],
  [
    "log policy",
    { logManagement: 10_000, logManagementStrategy: "STOP_INSERTING", logClassification: true },
    { logManagement: 10_000, logManagementStrategy: "STOP_INSERTING", logClassification: true },
  ],
  ["log export", { logpush: true, logpushPublicKey: pem }, { logpush: true, logpushPublicKey: pem }],
  [
    "cache",
    { cacheTtl: 60, cacheInvalidateOnUpdate: false },
    { cacheTtl: 60, cacheInvalidateOnUpdate: false },
  ],
  [
    "rate limit",
    { rateLimit: { limit: 300, interval: 60, technique: "fixed" } },
    { rateLimitingLimit: 300, rateLimitingInterval: 60, rateLimitingTechnique: "fixed" },
  ],
  [
    "retries",
    { retries: { maxAttempts: 3 } },
    { retryMaxAttempts: 3, retryDelay: 1_000, retryBackoff: "exponential" },
  ],
  [
    "guardrails",
    { guardrails: { prompt: { s1: "BLOCK", p1: "FLAG" } } },
    { guardrails: { prompt: { s1: "BLOCK", p1: "FLAG" }, response: {} } },
  ],
  [
    "DLP by one action",
    { dlp: { action: "FLAG", profiles: ["p"] } },
    { dlp: { enabled: true, action: "FLAG", profiles: ["p"] } },
  ],
  ["DLP by policies", { dlp: { policies: [policy] } }, { dlp: { enabled: true, policies: [policy] } }],
  [
    "spend limits",
    {
      spendLimits: {
        rules: [{ id: "month", limit: 50, window: 2_592_000, technique: "fixed", model: { values: ["m"] } }],
      },
    },
    { spendLimits: { enabled: true, rules: [{ ...rule, model: { mode: "filter", values: ["m"] } }] } },
  ],
  ["Workers AI by credits", { workersAiBillingMode: "unified" }, { workersAiBillingMode: "unified" }],
  [
    "paid by credits, with zero data retention",
    { byokOnly: false, zdr: true },
    { byokOnly: false, zdr: true },
  ],
])("what is configured is what is sent: %s", async (_, gateway, inputs) => {
  expect((await record(gateway)).resource("gateway").inputs).toEqual({ ...DEFAULTS, ...inputs });
});

test("what receives the gateway's data is secret, credentials and all", async () => {
  const otel = { url: "https://otel.example.com", headers: { "x-key": "k" }, authorization: "Bearer k" };
  const stripe = { authorization: "sk_live_1", usageEvents: [{ payload: "{}" }] };
  const { inputs } = (await record({ otels: [otel], stripe })).resource("gateway");
  expect(inputs).toMatchObject({
    otels: { secret: [{ ...otel, contentType: "json" }] },
    stripe: { secret: stripe },
  });
});

test("a gateway that was there before is imported, and kept", async () => {
  const found = { toImport: true, retained: true };
  const { options } = (await record({ id: "theirs", adopt: true }, found)).resource("gateway");
  expect(options).toMatchObject({ import: `${ACCOUNT}/theirs`, retainOnDelete: true });
});

test("protection is the operator's to choose", async () => {
  expect((await record({ protect: true })).resource("gateway").options).toMatchObject({ protect: true });
});

describe("the claim", () => {
  const claim = (existing: boolean, gateway: object = {}) =>
    recordStack(
      async () => {
        const { gateway: settings } = stackConfig({ gateway: { id: "new", adopt: true, ...gateway } });
        const { toImport, retained } = await claimGateway({ accountId: ACCOUNT, settings });
        return { toImport, retained };
      },
      { state: { "openclaw:index:GatewayClaim": { existing, retained: existing } } },
    );

  test.each([
    [undefined, true],
    ["old", true],
    ["new", false],
  ])("an adopted gateway is imported unless the state has it: %s", async (inState, toImport) => {
    jest.mocked(idInState).mockResolvedValue(inState);
    const stack = await claim(true);
    expect(stack.outputs).toEqual({ toImport, retained: true });
    expect(idInState).toHaveBeenCalledWith("cloudflare:index/aiGateway:AiGateway", "gateway");
  });

  test("is for one gateway, and knows what is to become of it", async () => {
    jest.mocked(idInState).mockClear();
    const stack = await claim(false, { retainOnDelete: false });
    expect(idInState).not.toHaveBeenCalled();
    expect(stack.resource("gateway-claim").inputs).toEqual({
      accountId: ACCOUNT,
      gatewayId: "new",
      adopt: true,
      retained: false,
    });
    expect(stack.outputs).toEqual({ toImport: false, retained: false });
  });

  test("leaves retention open unless the operator has chosen", async () => {
    const { inputs } = (await claim(true)).resource("gateway-claim");
    expect(inputs).not.toHaveProperty("retained");
  });
});

test("the endpoint names account and gateway", async () => {
  const stack = await recordStack(() => {
    const gateway = makeGateway({}, OWN);
    return { endpoint: gatewayEndpoint("https://gateway.ai.cloudflare.com", ACCOUNT, gateway) };
  });
  expect(stack.outputs.endpoint).toBe(`https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/gateway-id`);
});
