import { createServer, type RequestListener } from "node:http";
import { GatewayLog } from "../../../scripts/local/cloudflare/data-plane/gateway-log";
import { NotImitated } from "../../../scripts/local/cloudflare/data-plane/not-imitated";
import { RateWindows } from "../../../scripts/local/cloudflare/data-plane/rate-windows";
import { ResponseCache } from "../../../scripts/local/cloudflare/data-plane/response-cache";
import { createGateway } from "../../../scripts/local/cloudflare/data-plane/server";
import { type Listening, listen } from "../../../scripts/local/cloudflare/http/listen";
import { emptyState, Store } from "../../../scripts/local/cloudflare/store/store";
import { oneModel } from "./support";

// The gateway alone, in front of a provider that fails as told.

const ACCOUNT = "a".repeat(32);
const at = "2026-01-01T00:00:00Z";
const store = new Store(emptyState(ACCOUNT, null, []));
const gatewayLog = new GatewayLog();
let provider: Listening;
let gateway: Listening;
let asked = 0;
let respond: RequestListener;

beforeAll(async () => {
  const failing = createServer((request, response) => {
    asked++;
    respond(request, response);
  });
  provider = await listen(failing, 0);
  const plane = {
    store,
    gatewayLog,
    providersUrl: provider.origin,
    windows: new RateWindows(),
    cache: new ResponseCache(),
    notImitated: new NotImitated(() => {}),
    propagation: {},
    unifiedBillingKeys: { openai: "sold" },
    costOf: () => 0,
    random: Math.random,
    log: () => {},
  };
  gateway = await listen(createGateway(plane), 0);
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => {
  asked = 0;
});

/** A gateway with these settings, and one route. */
function gatewayWith(id: string, settings: object, elements = oneModel("gpt-5-mini", "openai")): void {
  const version = { versionId: "v1", createdAt: at, isValid: true, elements };
  const deployment = { deploymentId: "d1", versionId: "v1", createdAt: at };
  const route = {
    id: "r1",
    name: "r",
    createdAt: at,
    modifiedAt: at,
    versions: [version],
    deployments: [deployment],
  };
  const record = { id, internalId: id, createdAt: at, modifiedAt: at, routes: [route], providerConfigs: [] };
  store.state.gateways.push({ ...record, settings: { authentication: false, ...settings } });
}

async function ask(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.origin}/v1/${ACCOUNT}/${path}`, {
    method: "POST",
    headers: { authorization: "Bearer own", ...headers },
    body: JSON.stringify({ model: "dynamic/r", messages: [] }),
  });
  const { error } = (await response.json()) as { error?: { code: number }[] };
  return { status: response.status, code: error?.[0]?.code };
}

/** Answers with these statuses, one after the other, the last one for ever. */
const statuses =
  (...list: number[]): RequestListener =>
  (_request, response) =>
    response
      .writeHead(list[asked - 1] ?? list.at(-1) ?? 200, { "content-type": "application/json" })
      .end("{}");

describe("a gateway's retries", () => {
  test("are made until the provider serves", async () => {
    gatewayWith("retrying", { retry_max_attempts: 3, retry_delay: 1, retry_backoff: "linear" });
    respond = statuses(500, 429, 200);
    expect(await ask("retrying/openai/chat/completions")).toMatchObject({ status: 200 });
    expect(asked).toBe(3);
  });

  test("end after so many attempts with the provider's last answer", async () => {
    gatewayWith("giving-up", { retry_max_attempts: 2 });
    respond = statuses(500, 503);
    expect(await ask("giving-up/openai/chat/completions")).toMatchObject({ status: 503 });
    expect(asked).toBe(2);
  });

  test("are none by default, and as many as the request says", async () => {
    gatewayWith("plain", {});
    respond = statuses(500);
    await ask("plain/openai/chat/completions");
    expect(asked).toBe(1);
    await ask("plain/openai/chat/completions", { "cf-aig-max-attempts": "4" });
    expect(asked).toBe(5);
  });
});

test("a provider that does not begin in time is 2005", async () => {
  gatewayWith("waiting", {});
  respond = () => {};
  const answer = await ask("waiting/openai/chat/completions", { "cf-aig-request-timeout": "20" });
  expect(answer).toEqual({ status: 400, code: 2005 });
  expect(gatewayLog.entries().at(-1)).toMatchObject({ provider: "openai", model: "dynamic/r", status: 400 });
});

describe("a model node", () => {
  const nodeWith = (id: string, properties: object) =>
    gatewayWith(
      id,
      {},
      oneModel("gpt-5-mini", "openai").map((node) =>
        node.type === "model" ? { ...node, properties: { ...node.properties, ...properties } } : node,
      ) as ReturnType<typeof oneModel>,
    );

  test("is tried as often as it says", async () => {
    nodeWith("node-retries", { retries: 2 });
    respond = statuses(500);
    expect(await ask("node-retries/compat/chat/completions")).toEqual({ status: 400, code: 2005 });
    expect(asked).toBe(3);
    expect(gatewayLog.entries().at(-1)).toMatchObject({
      dynamicRoute: "r",
      provider: "openai",
      model: "gpt-5-mini",
    });
  });

  test("is given up when it does not begin in time", async () => {
    nodeWith("node-timeout", { timeout: 20 });
    respond = () => {};
    expect(await ask("node-timeout/compat/chat/completions")).toEqual({ status: 400, code: 2005 });
  });
});
