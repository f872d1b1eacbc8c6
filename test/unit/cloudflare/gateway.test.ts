import { createGateway, gatewayEndpoint } from "../../../infra/cloudflare/gateway";
import { parseConfig } from "../../../infra/config/parse";
import { rawConfig } from "../config/raw-config";
import { recordStack } from "../program/recorded-stack";

const ACCOUNT = "0123456789abcdef0123456789abcdef";

function settings(gateway: object) {
  const result = parseConfig(rawConfig({ gateway }));
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.config.gateway;
}

test("every attribute is sent, the careful ones by default", async () => {
  const stack = await recordStack(() => ({
    gateway: createGateway("gateway", { accountId: ACCOUNT, settings: settings({}) }).id,
  }));
  expect(stack.resource("gateway")).toMatchObject({ type: "cloudflare:index/aiGateway:AiGateway" });
  expect(stack.resource("gateway").inputs).toEqual({
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
    rateLimitingInterval: 0,
    rateLimitingLimit: 0,
    rateLimitingTechnique: "sliding",
    workersAiBillingMode: "postpaid",
    zdr: false,
  });
});

test("what is configured is what is sent", async () => {
  const gateway = {
    id: "mine",
    collectLogs: false,
    cacheTtl: 60,
    rateLimit: { limit: 300, interval: 60, technique: "fixed" },
    byokOnly: false,
    zdr: true,
  };
  const stack = await recordStack(() => ({
    gateway: createGateway("gateway", { accountId: ACCOUNT, settings: settings(gateway) }).id,
  }));
  expect(stack.resource("gateway").inputs).toMatchObject({
    aiGatewayId: "mine",
    collectLogs: false,
    cacheTtl: 60,
    rateLimitingLimit: 300,
    rateLimitingInterval: 60,
    rateLimitingTechnique: "fixed",
    byokOnly: false,
    zdr: true,
  });
});

test("the endpoint names account and gateway", async () => {
  const stack = await recordStack(() => {
    const gateway = createGateway("gateway", { accountId: ACCOUNT, settings: settings({}) });
    return { endpoint: gatewayEndpoint("https://gateway.ai.cloudflare.com", ACCOUNT, gateway) };
  });
  expect(stack.outputs.endpoint).toBe(`https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/gateway-id`);
});
