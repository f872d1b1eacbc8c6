import { gatewaySettings } from "../../../../infra/cloudflare/gateway-settings";
import { gateway } from "../../../../infra/config/gateway";
import { gatewayDifferences } from "../../../../scripts/doctor/gateway-differences";

function settings(change: Record<string, unknown> = {}) {
  return { ...gateway.parse(change), id: "g" };
}

/** What the API shows for these settings, under its own names. */
function shown(change: Record<string, unknown> = {}): Record<string, unknown> {
  const entries = Object.entries(gatewaySettings(settings(change)));
  const inApi = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return {
    id: "g",
    is_default: false,
    ...Object.fromEntries(entries.map(([key, value]) => [inApi(key), value])),
  };
}

const GUARDRAILS = { guardrails: { prompt: { p1: "BLOCK" } } };
const SPEND = { spendLimits: { rules: [{ id: "day", limit: 5, window: 86400 }] } };

test.each([
  {},
  GUARDRAILS,
  SPEND,
  { rateLimit: { limit: 5, interval: 60 } },
  { retries: { maxAttempts: 3 } },
])("a gateway that is set to %j is as configured", (change) => {
  expect(gatewayDifferences(settings(change), shown(change))).toEqual([]);
});

test("off, empty and absent are the same", () => {
  const found = { ...shown(), cache_ttl: null, zdr: null, spend_limits: null, guardrails: null, otel: [] };
  expect(gatewayDifferences(settings(), found)).toEqual([]);
});

test("names that the API writes in another way are the same too", () => {
  const found = { ...shown(GUARDRAILS), guardrails: { prompt: { P1: "BLOCK" }, response: {} } };
  expect(gatewayDifferences(settings(GUARDRAILS), found)).toEqual([]);
});

test.each([
  [{ cache_ttl: 300 }, {}, "cacheTtl is 300, configured is 0"],
  [{ authentication: false }, {}, "authentication is false, configured is true"],
  [{ byok_only: null }, {}, "byokOnly is none, configured is true"],
  [{ retry_max_attempts: 5 }, {}, "retryMaxAttempts is 5, configured is none"],
  [
    { guardrails: { prompt: { P1: "FLAG" }, response: {} } },
    GUARDRAILS,
    'guardrails is {"prompt":{"P1":"FLAG"},"response":{}}, configured is {"prompt":{"p1":"BLOCK"},"response":{}}',
  ],
  [{ otel: [{ url: "https://x" }] }, {}, "otels has 1, configured are 0"],
])("%j is found", (found, change, difference) => {
  expect(gatewayDifferences(settings(change), { ...shown(change), ...found })).toEqual([difference]);
});
