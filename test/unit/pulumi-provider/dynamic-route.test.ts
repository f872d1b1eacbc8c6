import { Cloudflare } from "cloudflare";
import { oneModelRoute, type RouteElement } from "../../../infra/cloudflare/route";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import { PartlyCreatedError, type Properties, UNKNOWN } from "../../../infra/pulumi-provider/handler";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { type LocalCloudflare, startLocalCloudflare } from "../../../scripts/local/cloudflare";

let cloudflare: LocalCloudflare;
let client: Cloudflare;
let gatewayId: string;
let handler: DynamicRouteHandler;
let gateways = 0;

beforeAll(async () => {
  cloudflare = await startLocalCloudflare({ providerKeys: {} });
  client = new Cloudflare({ apiToken: cloudflare.apiToken, baseURL: cloudflare.apiUrl, maxRetries: 0 });
});

afterAll(() => cloudflare.close());

beforeEach(async () => {
  gatewayId = `gateway-${++gateways}`;
  await client.aiGateway.create({
    account_id: cloudflare.accountId,
    id: gatewayId,
    cache_invalidate_on_update: true,
    cache_ttl: 0,
    collect_logs: true,
    rate_limiting_interval: 0,
    rate_limiting_limit: 0,
  });
  handler = new DynamicRouteHandler(async (account, gateway) => new RoutesApi(client, account, gateway));
});

const KIMI = oneModelRoute("@cf/moonshotai/kimi-k2.6");
const LLAMA = oneModelRoute("@cf/meta/llama-3.1-8b-instruct");

function inputs(changes: Properties = {}): Properties {
  return {
    accountId: cloudflare.accountId,
    gatewayId,
    name: "main",
    elements: KIMI,
    adopt: false,
    ...changes,
  };
}

const scope = () => ({ account_id: cloudflare.accountId, gateway_id: gatewayId });

/** Routes of the gateway, as the emulated account keeps them. */
function routes() {
  return cloudflare.objects().routes.filter((route) => route.gatewayId === gatewayId);
}

/** The graph that serves. */
async function deployed(id: string): Promise<unknown> {
  const route = await client.aiGateway.dynamicRouting.get(id, scope());
  return (route as unknown as { version: { data: unknown } }).version.data;
}

/** A route that somebody else made. */
async function foreignRoute(name: string, elements: RouteElement[] = LLAMA): Promise<string> {
  const { gateway_id: gateway, ...account } = scope();
  return (await client.aiGateway.dynamicRouting.create(gateway, { ...account, name, elements })).id;
}

describe("check", () => {
  test("fills in defaults", () => {
    const { adopt: _, ...given } = inputs();
    const { inputs: checked, failures } = handler.check(given);
    expect(failures).toEqual([]);
    expect(checked).toEqual(inputs());
  });

  test("names each problem of the graph by its property path", () => {
    const [start, model] = KIMI;
    const { failures } = handler.check(inputs({ elements: [start, model], name: "" }));
    expect(failures.map(({ property }) => property)).toEqual([
      "name",
      "elements",
      "elements[1].outputs.success.elementId",
      "elements[1].outputs.fallback.elementId",
    ]);
  });

  test("waits with what only up will know", () => {
    expect(handler.check(inputs({ gatewayId: UNKNOWN, elements: UNKNOWN })).failures).toEqual([]);
    const elements = [{ id: "model", type: "model", properties: { model: UNKNOWN } }];
    expect(handler.check(inputs({ elements })).failures).toEqual([]);
  });
});

describe("diff", () => {
  const state = () => ({ ...inputs(), adopted: false, versionId: "v1" });

  test.each<[string, Properties, string[], string[]]>([
    ["nothing", {}, [], []],
    ["the order of the elements", { elements: [...KIMI].reverse() }, [], []],
    ["the graph", { elements: LLAMA }, ["elements"], []],
    ["a graph that is not known yet", { elements: UNKNOWN }, ["elements"], []],
    ["the name", { name: "other" }, ["name"], []],
    ["adoption", { adopt: true }, ["adopt"], []],
    ["the gateway", { gatewayId: "other" }, [], ["gatewayId"]],
    ["a gateway that is replaced", { gatewayId: UNKNOWN }, [], ["gatewayId"]],
    ["the account", { accountId: "other" }, [], ["accountId"]],
  ])("%s", (_, changes, updates, replaces) => {
    expect(handler.diff(state(), inputs(changes))).toEqual({ updates, replaces });
  });
});

describe("create", () => {
  test("makes the route, which serves the graph", async () => {
    const { id, outputs } = await handler.create(inputs());
    expect(await deployed(id)).toEqual(KIMI);
    expect(outputs).toMatchObject({ ...inputs(), adopted: false, versionId: expect.stringMatching(/./) });
    expect(routes()).toHaveLength(1);
  });

  test("refuses a route of that name that is there, and leaves it as it is", async () => {
    const id = await foreignRoute("main");
    await expect(handler.create(inputs())).rejects.toThrow(
      /already has a route named 'main'.*pulumi config set --path route\.adopt true/,
    );
    expect(await deployed(id)).toEqual(LLAMA);
    expect(routes()).toHaveLength(1);
  });

  test("takes it over when asked to, and deploys the graph", async () => {
    const existing = await foreignRoute("main");
    const { id, outputs } = await handler.create(inputs({ adopt: true }));
    expect(id).toBe(existing);
    expect(outputs.adopted).toBe(true);
    expect(await deployed(id)).toEqual(KIMI);
  });

  test("finds a route of that name on a later page", async () => {
    for (let index = 0; index < 55; index++) await foreignRoute(`other-${index}`);
    await foreignRoute("main");
    await expect(handler.create(inputs())).rejects.toThrow("already has a route named 'main'");
  });

  test("a route whose creation was not answered is found again, and not made twice", async () => {
    class CutOff extends RoutesApi {
      override async create(name: string, elements: readonly RouteElement[]): Promise<string | undefined> {
        await super.create(name, elements);
        throw new Error("socket hang up");
      }
    }
    handler = new DynamicRouteHandler(async (account, gateway) => new CutOff(client, account, gateway));
    const { id } = await handler.create(inputs());
    expect(routes().map((route) => route.id)).toEqual([id]);
  });

  test("a failure says what was being done and what Cloudflare answered", async () => {
    const denied = new Cloudflare({ apiToken: "x".repeat(40), baseURL: cloudflare.apiUrl, maxRetries: 0 });
    handler = new DynamicRouteHandler(async (account, gateway) => new RoutesApi(denied, account, gateway));
    await expect(handler.create(inputs())).rejects.toThrow(
      /^The routes of gateway 'gateway-\d+' could not be read: 403.*'AI Gateway Write'/,
    );
  });

  test("a route that is there but cannot be deployed keeps its id", async () => {
    class NoDeployment extends RoutesApi {
      override async deploy(): Promise<void> {
        throw new Error("500");
      }
    }
    const existing = await foreignRoute("main");
    handler = new DynamicRouteHandler(async (account, gateway) => new NoDeployment(client, account, gateway));
    const failure = await handler.create(inputs({ adopt: true })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartlyCreatedError);
    expect(failure).toMatchObject({ id: existing, outputs: { adopted: true, elements: [] } });
  });
});

describe("read", () => {
  test("gives the graph that serves, also when it was changed elsewhere", async () => {
    const { id, outputs } = await handler.create(inputs());
    const api = new RoutesApi(client, cloudflare.accountId, gatewayId);
    await api.deploy(id, await api.addVersion(id, LLAMA));
    const read = await handler.read(id, outputs);
    expect(read?.outputs.elements).toEqual(LLAMA);
    expect(read?.outputs.versionId).not.toBe(outputs.versionId);
    expect(handler.diff(read?.outputs ?? {}, inputs()).updates).toEqual(["elements"]);
  });

  test("a draft that is not deployed is no change", async () => {
    const { id, outputs } = await handler.create(inputs());
    await new RoutesApi(client, cloudflare.accountId, gatewayId).addVersion(id, LLAMA);
    expect((await handler.read(id, outputs))?.outputs).toEqual(outputs);
  });

  test("a route or gateway that is gone is gone", async () => {
    const { id, outputs } = await handler.create(inputs());
    await client.aiGateway.dynamicRouting.delete(id, scope());
    expect(await handler.read(id, outputs)).toBeUndefined();
    await client.aiGateway.delete(gatewayId, { account_id: cloudflare.accountId });
    expect(await handler.read(id, outputs)).toBeUndefined();
  });
});

describe("update", () => {
  test("a changed graph is a new version of the same route", async () => {
    const { id, outputs } = await handler.create(inputs());
    const updated = await handler.update(id, outputs, inputs({ elements: LLAMA }));
    expect(await deployed(id)).toEqual(LLAMA);
    expect(updated.versionId).not.toBe(outputs.versionId);
    expect(routes().map((route) => route.id)).toEqual([id]);
  });

  test("a changed name is no new version", async () => {
    const { id, outputs } = await handler.create(inputs());
    const updated = await handler.update(id, outputs, inputs({ name: "other" }));
    expect(updated).toMatchObject({ name: "other", versionId: outputs.versionId });
    expect(routes()[0]).toMatchObject({ id, name: "other" });
  });

  test("waits for reads that lag behind", async () => {
    class Stale extends RoutesApi {
      #left = 1;
      #deployed = false;
      override async deploy(id: string, versionId: string): Promise<void> {
        await super.deploy(id, versionId);
        this.#deployed = true;
      }
      override async find(id: string) {
        const route = await super.find(id);
        if (!this.#deployed || route === undefined || this.#left-- <= 0) return route;
        return { ...route, versionId: "the one before" };
      }
    }
    const { id, outputs } = await handler.create(inputs());
    const stale = new Stale(client, cloudflare.accountId, gatewayId);
    const updated = await new DynamicRouteHandler(async () => stale).update(
      id,
      outputs,
      inputs({ elements: LLAMA }),
    );
    expect((await stale.find(id))?.versionId).toBe(updated.versionId);
  });

  test("a route that is gone is an error that says how to go on", async () => {
    const { id, outputs } = await handler.create(inputs());
    await client.aiGateway.dynamicRouting.delete(id, scope());
    await expect(handler.update(id, outputs, inputs({ elements: LLAMA }))).rejects.toThrow("pulumi refresh");
  });
});

describe("delete", () => {
  test("removes the route, and is content when it or its gateway is gone", async () => {
    const { id, outputs } = await handler.create(inputs());
    await handler.delete(id, outputs);
    expect(routes()).toEqual([]);
    await handler.delete(id, outputs);
    await client.aiGateway.delete(gatewayId, { account_id: cloudflare.accountId });
    await handler.delete(id, outputs);
  });

  test("leaves a route that was there before", async () => {
    const existing = await foreignRoute("main");
    const { id, outputs } = await handler.create(inputs({ adopt: true }));
    await handler.delete(id, outputs);
    expect(routes().map((route) => route.id)).toEqual([existing]);
  });

  test("a refusal for another reason is an error", async () => {
    const { id, outputs } = await handler.create(inputs());
    const denied = new Cloudflare({ apiToken: "x".repeat(40), baseURL: cloudflare.apiUrl, maxRetries: 0 });
    const other = new DynamicRouteHandler(
      async (account, gateway) => new RoutesApi(denied, account, gateway),
    );
    await expect(other.delete(id, outputs)).rejects.toThrow();
    expect(routes()).toHaveLength(1);
  });
});
