import { Cloudflare } from "cloudflare";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { KIMI, LLAMA, useRouteGateway } from "./route-gateway";

const gateway = useRouteGateway();
const { inputs, routes, deployed, foreignRoute, scope, reporter } = gateway;
let handler: DynamicRouteHandler;

beforeEach(() => {
  handler = gateway.newHandler();
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

  test("a draft is put right by a version that is the newest and serves", async () => {
    const { id, outputs } = await handler.create(inputs());
    await new RoutesApi(gateway.client, gateway.cloudflare.accountId, gateway.id).addVersion(id, LLAMA);
    const updated = await handler.update(id, outputs, inputs());
    expect(await deployed(id)).toEqual(KIMI);
    expect(updated.draftVersionId).toBe("");
    expect(await handler.diff(updated, inputs(), { id, reporter })).toEqual({ updates: [], replaces: [] });
  });

  test("a draft that has the wanted graph is deployed, and no version is made twice", async () => {
    const { id, outputs } = await handler.create(inputs());
    const draft = await new RoutesApi(gateway.client, gateway.cloudflare.accountId, gateway.id).addVersion(
      id,
      LLAMA,
    );
    const updated = await handler.update(id, outputs, inputs({ elements: LLAMA }));
    expect(updated.versionId).toBe(draft);
    expect(routes()[0]?.versions).toHaveLength(2);
  });

  describe("a pin", () => {
    test("puts an earlier version back, and its end the graph, without a new version", async () => {
      const { id, outputs: first } = await handler.create(inputs());
      const second = await handler.update(id, first, inputs({ elements: LLAMA }));
      const pin = inputs({ elements: LLAMA, version: first.versionId });
      const pinned = await handler.update(id, second, pin);
      expect(await deployed(id)).toEqual(KIMI);
      expect(pinned).toMatchObject({ versionId: first.versionId, version: first.versionId, elements: KIMI });
      expect(await handler.diff(pinned, pin, { id, reporter })).toEqual({ updates: [], replaces: [] });

      const { updates } = await handler.diff(pinned, inputs({ elements: LLAMA }), { id, reporter });
      expect(updates).toEqual(["version", "elements"]);
      const freed = await handler.update(id, pinned, inputs({ elements: LLAMA }));
      expect(freed).toEqual(second);
      expect(routes()[0]?.versions).toHaveLength(2);
    });

    test("to a version that the route does not have is an error", async () => {
      const { id, outputs } = await handler.create(inputs());
      await expect(handler.update(id, outputs, inputs({ version: "none" }))).rejects.toThrow(
        /^Route 'main' could not be updated: 404.*version/,
      );
    });
  });

  test("waits for reads that lag behind", async () => {
    class Stale extends RoutesApi {
      #left = 2;
      override async find(id: string) {
        const route = await super.find(id);
        if (route === undefined || route.deployed.versionId === before || this.#left-- <= 0) return route;
        return { ...route, deployed: { ...route.deployed, versionId: before } };
      }
    }
    const { id, outputs } = await handler.create(inputs());
    const before = String(outputs.versionId);
    const stale = new Stale(gateway.client, gateway.cloudflare.accountId, gateway.id);
    const updated = await new DynamicRouteHandler(() => stale).update(
      id,
      outputs,
      inputs({ elements: LLAMA }),
    );
    expect((await stale.find(id))?.deployed.versionId).toBe(updated.versionId);
    expect(updated.versionId).not.toBe(before);
  });

  test("a route that is gone is an error that says how to go on", async () => {
    const { id, outputs } = await handler.create(inputs());
    await gateway.client.aiGateway.dynamicRouting.delete(id, scope());
    await expect(handler.update(id, outputs, inputs({ elements: LLAMA }))).rejects.toThrow("pulumi refresh");
  });
});

describe("delete", () => {
  test("removes the route, and is content when it or its gateway is gone", async () => {
    const { id, outputs } = await handler.create(inputs());
    await handler.delete(id, outputs);
    expect(routes()).toEqual([]);
    await handler.delete(id, outputs);
    await gateway.client.aiGateway.delete(gateway.id, { account_id: gateway.cloudflare.accountId });
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
    const denied = new Cloudflare({
      apiToken: "x".repeat(40),
      baseURL: gateway.cloudflare.apiUrl,
      maxRetries: 0,
    });
    const other = new DynamicRouteHandler((account, id) => new RoutesApi(denied, account, id));
    await expect(other.delete(id, outputs)).rejects.toThrow();
    expect(routes()).toHaveLength(1);
  });
});
