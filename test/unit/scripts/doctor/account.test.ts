import { gatewaySettings } from "../../../../infra/cloudflare/gateway-settings";
import { accountChecks } from "../../../../scripts/doctor/account";
import type { Finding } from "../../../../scripts/doctor/check";
import { gatewayLogCheck } from "../../../../scripts/doctor/gateway-log";
import { ACCOUNT, ALL_IS_WELL, type FakeApi, startFakeApi } from "../../preflight/fake-api";
import { deployment } from "./stack";

const GATEWAY = `/accounts/${ACCOUNT}/ai-gateway/gateways/openclaw-prod`;
const LOG = `${GATEWAY}/logs/L1`;

let api: FakeApi;
let waits: number[];

beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.close());

beforeEach(() => {
  waits = [];
  api.answers = { ...ALL_IS_WELL, [GATEWAY]: { result: asConfigured() } };
});

function asConfigured(): Record<string, unknown> {
  const { config } = deployment();
  const inApi = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const entries = Object.entries(gatewaySettings(config.gateway));
  return Object.fromEntries(entries.map(([name, value]) => [inApi(name), value]));
}

function found(id: string): Promise<Finding> | undefined {
  return accountChecks(deployment({ baseUrl: api.baseUrl }))
    .find((check) => check.id === id)
    ?.run();
}

/** The check of the log, after these answers. */
function logged(...ids: string[]): Promise<Finding> {
  const wait = async (ms: number) => void waits.push(ms);
  return gatewayLogCheck(deployment({ baseUrl: api.baseUrl }), ids, wait).run();
}

test("a token that may do everything, as far as can be told", async () => {
  expect(await found("deploying-token")).toEqual({
    outcome: "ok",
    says: expect.stringContaining("cannot be proven before use: AI Gateway Write"),
  });
});

test("a token that lacks something: what, and where it is added", async () => {
  api.answers[`/accounts/${ACCOUNT}/ai-gateway/gateways`] = { status: 403, code: 10000 };
  expect(await found("deploying-token")).toEqual({
    outcome: "failed",
    problems: [
      {
        says: expect.stringContaining("lacks permissions on account"),
        fix: expect.stringMatching(/AI Gateway Write[\s\S]*Account API Tokens/),
      },
    ],
  });
});

test("a token that Cloudflare does not know", async () => {
  api.answers = {};
  expect(await found("deploying-token")).toMatchObject({
    outcome: "failed",
    problems: [{ fix: expect.stringContaining("pulumi config set --secret cloudflare:apiToken") }],
  });
});

test("the gateway as it is configured, and another one", async () => {
  expect(await found("gateway")).toEqual({ outcome: "ok", says: "openclaw-prod" });
  api.answers[GATEWAY] = { result: { ...asConfigured(), authentication: false } };
  expect(await found("gateway")).toEqual({
    outcome: "failed",
    problems: [{ says: "authentication is false, configured is true", fix: "npx pulumi up --refresh" }],
  });
  api.answers[GATEWAY] = { status: 404, code: 7002, message: "Gateway not found" };
  expect(await found("gateway")).toMatchObject({
    outcome: "failed",
    problems: [{ says: "gateway openclaw-prod: HTTP 404 Gateway not found" }],
  });
});

test("a gateway that cannot be reached with the run token", async () => {
  expect(await found("run-token")).toMatchObject({
    outcome: "failed",
    problems: [{ says: expect.stringContaining("AI Gateway cannot be reached") }],
  });
});

test("the log has the entry of the last request", async () => {
  api.answers[LOG] = { result: { id: "L1" } };
  expect(await logged("L0", "L1")).toEqual({
    outcome: "ok",
    says: "2 entries, the last is L1, and the Logs API has it",
  });
});

test("accounts whose Logs API shows nothing: the gateway's own header is the proof", async () => {
  api.answers[LOG] = { status: 404, code: 7002 };
  expect(await logged("L1")).toEqual({
    outcome: "ok",
    says: expect.stringContaining("not for this account"),
  });
  expect(waits).toEqual([0, 2_000, 5_000, 10_000]);
});

test("no answer, no entry", async () => {
  expect(await logged()).toEqual({ outcome: "skipped", says: "no request was answered" });
});
