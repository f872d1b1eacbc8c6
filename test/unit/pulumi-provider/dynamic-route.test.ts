import { Cloudflare } from "cloudflare";
import type { RouteElement } from "../../../infra/cloudflare/route";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import { PartlyCreatedError, type Properties, UNKNOWN } from "../../../infra/pulumi-provider/handler";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { KIMI, LLAMA, useRouteGateway } from "./route-gateway";

const gateway = useRouteGateway();
const { inputs, routes, deployed, foreignRoute, scope, reporter, warnings } = gateway;
let handler: DynamicRouteHandler;

beforeEach(() => {
  handler = gateway.newHandler();
});

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
  const state = () => ({ ...inputs(), adopted: false, versionId: "v1", draftVersionId: "" });

  test.each<[string, Properties, string[], string[]]>([
    ["a graph that is not known yet", { elements: UNKNOWN }, ["elements"], []],
    ["the gateway", { gatewayId: "other" }, [], ["gatewayId"]],
    ["a gateway that is replaced", { gatewayId: UNKNOWN }, [], ["gatewayId"]],
    ["the account", { accountId: "other" }, [], ["accountId"]],
  ])("%s is decided without the network", async (_, changes, updates, replaces) => {
    handler = new DynamicRouteHandler(() => {
      throw new Error("no network");
    });
    expect(await handler.diff(state(), inputs(changes), { id: "id", reporter })).toEqual({
      updates,
      replaces,
    });
    expect(warnings).toEqual([]);
  });

  test.each<[string, Properties, string[]]>([
    ["nothing", {}, []],
    ["the order of the elements", { elements: [...KIMI].reverse() }, []],
    ["the graph", { elements: LLAMA }, ["elements"]],
    ["the name", { name: "other" }, ["name"]],
    ["adoption", { adopt: true }, ["adopt"]],
    ["a pin to the version that serves", { version: "the one that serves" }, ["version"]],
    ["a pin to another version", { version: "v0" }, ["version"]],
  ])("%s", async (_, changes, updates) => {
    const { id, outputs } = await handler.create(inputs());
    const version = changes.version === "the one that serves" ? { version: outputs.versionId } : {};
    const difference = await handler.diff(outputs, inputs({ ...changes, ...version }), { id, reporter });
    expect(difference).toEqual({ updates, replaces: [] });
    expect(warnings).toEqual([]);
  });

  describe("what somebody else has done shows, with a warning that says what", () => {
    let id: string;
    let outputs: Properties;
    let api: RoutesApi;

    beforeEach(async () => {
      ({ id, outputs } = await handler.create(inputs()));
      api = new RoutesApi(gateway.client, gateway.cloudflare.accountId, gateway.id);
    });

    const diff = () => handler.diff(outputs, inputs(), { id, reporter });

    test("an edit that was deployed", async () => {
      const edited = await api.addVersion(id, LLAMA);
      await api.deploy(id, edited);
      expect(await diff()).toEqual({ updates: ["elements"], replaces: [] });
      expect(warnings).toEqual([
        `Route 'main' was changed outside of this stack: version ${edited} was deployed in place of ${String(outputs.versionId)}.`,
      ]);
    });

    test("a draft that was not deployed", async () => {
      const draft = await api.addVersion(id, LLAMA);
      expect(await diff()).toEqual({ updates: ["draftVersionId"], replaces: [] });
      expect(warnings[0]).toContain(`version ${draft} was made and not deployed`);
    });

    test("an older version that was deployed again", async () => {
      const first = outputs.versionId;
      outputs = await handler.update(id, outputs, inputs({ elements: LLAMA }));
      await api.deploy(id, String(first));
      const difference = await handler.diff(outputs, inputs({ elements: LLAMA }), { id, reporter });
      expect(difference).toEqual({ updates: ["elements"], replaces: [] });
      expect(warnings).toHaveLength(1);
    });

    test("another name", async () => {
      await api.rename(id, "theirs");
      expect(await diff()).toEqual({ updates: ["name"], replaces: [] });
      expect(warnings[0]).toContain("it was renamed to 'theirs'");
    });

    test("a route that was deleted is made again", async () => {
      await api.delete(id);
      expect(await diff()).toEqual({ updates: [], replaces: ["name"] });
      expect(warnings[0]).toContain("was deleted outside of this stack");
    });

    test("out of reach, the state decides, with a warning", async () => {
      const far = new Cloudflare({ apiToken: "x", baseURL: "http://127.0.0.1:9", maxRetries: 0 });
      handler = new DynamicRouteHandler((account, id) => new RoutesApi(far, account, id));
      expect(await diff()).toEqual({ updates: [], replaces: [] });
      expect(warnings).toEqual([
        expect.stringMatching(/^Route 'main' could not be compared .* outside of this stack do not show\.$/),
      ]);
    });

    test("a look that misses a route which is listed decides nothing", async () => {
      class Missing extends RoutesApi {
        override async find() {
          return undefined;
        }
      }
      const missing = new Missing(gateway.client, gateway.cloudflare.accountId, gateway.id);
      handler = new DynamicRouteHandler(() => missing);
      expect(await diff()).toEqual({ updates: [], replaces: [] });
    });
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
      /already has a route named 'main'.*pulumi config set --path routes\.<key>\.adopt true/,
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
      override async create(name: string, elements: readonly RouteElement[]): Promise<string> {
        await super.create(name, elements);
        throw new Error("socket hang up");
      }
    }
    handler = new DynamicRouteHandler((account, id) => new CutOff(gateway.client, account, id));
    const { id } = await handler.create(inputs());
    expect(routes().map((route) => route.id)).toEqual([id]);
  });

  test("a failure says what was being done and what Cloudflare answered", async () => {
    const denied = new Cloudflare({
      apiToken: "x".repeat(40),
      baseURL: gateway.cloudflare.apiUrl,
      maxRetries: 0,
    });
    handler = new DynamicRouteHandler((account, id) => new RoutesApi(denied, account, id));
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
    handler = new DynamicRouteHandler((account, id) => new NoDeployment(gateway.client, account, id));
    const failure = await handler.create(inputs({ adopt: true })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartlyCreatedError);
    expect(failure).toMatchObject({ id: existing, outputs: { adopted: true, elements: [] } });
  });
});

describe("read", () => {
  const read = (id: string, state: Properties) => handler.read(id, state, inputs());

  test("gives what serves, also when it was changed elsewhere", async () => {
    const { id, outputs } = await handler.create(inputs());
    const api = new RoutesApi(gateway.client, gateway.cloudflare.accountId, gateway.id);
    await api.deploy(id, await api.addVersion(id, LLAMA));
    const found = await read(id, outputs);
    expect(found?.outputs.elements).toEqual(LLAMA);
    expect(found?.outputs.versionId).not.toBe(outputs.versionId);
    const { updates } = await handler.diff(found?.outputs ?? {}, inputs(), { id, reporter });
    expect(updates).toEqual(["elements"]);
  });

  test("a draft shows, so that it can be put right", async () => {
    const { id, outputs } = await handler.create(inputs());
    const draft = await new RoutesApi(gateway.client, gateway.cloudflare.accountId, gateway.id).addVersion(
      id,
      LLAMA,
    );
    expect((await read(id, outputs))?.outputs).toEqual({ ...outputs, draftVersionId: draft });
  });

  test("an unchanged route is read as it was written", async () => {
    const { id, outputs } = await handler.create(inputs({ elements: [...KIMI].reverse() }));
    expect(await read(id, outputs)).toEqual({
      id,
      inputs: inputs({ elements: [...KIMI].reverse() }),
      outputs,
    });
  });

  test("a pinned route keeps the graph that waits", async () => {
    const { id, outputs } = await handler.create(inputs());
    const llama = await handler.update(id, outputs, inputs({ elements: LLAMA }));
    const pinned = inputs({ elements: LLAMA, version: outputs.versionId });
    const state = await handler.update(id, llama, pinned);
    expect(await handler.read(id, state, pinned)).toEqual({ id, inputs: pinned, outputs: state });
  });

  test("an import needs account, gateway and route, and is kept at destroy", async () => {
    const id = await foreignRoute("theirs");
    const found = await handler.read(`${gateway.cloudflare.accountId}/${gateway.id}/${id}`, {}, {});
    expect(found).toMatchObject({
      id,
      inputs: inputs({ name: "theirs", elements: LLAMA }),
      outputs: { adopted: true },
    });
    expect(await handler.read(id, {}, {})).toBeUndefined();
  });

  test("a route or gateway that is gone is gone", async () => {
    const { id, outputs } = await handler.create(inputs());
    await gateway.client.aiGateway.dynamicRouting.delete(id, scope());
    expect(await read(id, outputs)).toBeUndefined();
    await gateway.client.aiGateway.delete(gateway.id, { account_id: gateway.cloudflare.accountId });
    expect(await read(id, outputs)).toBeUndefined();
  });
});
