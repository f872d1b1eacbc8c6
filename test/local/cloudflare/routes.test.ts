import { api, createGateway, oneModel, refusal, sdk, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const KIMI = "@cf/moonshotai/kimi-k2.6";
const OTHER = "@cf/meta/llama-3.3-70b-instruct";

/** A gateway of its own for each test, and the SDK's routes with the ids filled in. */
async function gateway(id: string) {
  const gateway_id = await createGateway(cloudflare(), id);
  const at = { account_id: cloudflare().accountId };
  const inGateway = { ...at, gateway_id };
  const routes = sdk(cloudflare()).aiGateway.dynamicRouting;
  return {
    routes,
    at,
    inGateway,
    create: (name: string, elements: unknown = oneModel(KIMI)) =>
      routes.create(id, { ...at, name, elements: elements as ReturnType<typeof oneModel> }),
  };
}

test("creating a route deploys its first version; the graph comes back as version.data alone", async () => {
  const { routes, inGateway, create } = await gateway("created");
  const created = await create("support");
  expect(created).not.toHaveProperty("elements");
  const read = await routes.get(created.id, inGateway);
  expect(read).not.toHaveProperty("elements");
  expect(read).toMatchObject({ name: "support", gateway_id: "created" });
  expect(read.version).toMatchObject({ active: "true", is_valid: true, data: oneModel(KIMI) });
  expect(read.deployment.version_id).toBe(read.version.version_id);
});

test("a version serves when it is deployed, and an old one can be deployed again", async () => {
  const { routes, inGateway, create } = await gateway("versions");
  const { id, version: first } = await create("support");
  const made: unknown = await routes.createVersion(id, { ...inGateway, elements: oneModel(OTHER) });
  const { version_id } = made as { version_id: string };
  expect((await routes.get(id, inGateway)).version.version_id).toBe(first.version_id);

  await routes.createDeployment(id, { ...inGateway, version_id });
  const deployed = await routes.get(id, inGateway);
  expect(deployed.version).toMatchObject({ version_id, active: "true", data: oneModel(OTHER) });

  await routes.createDeployment(id, { ...inGateway, version_id: first.version_id });
  expect((await routes.get(id, inGateway)).version.version_id).toBe(first.version_id);
  expect((await routes.listVersions(id, inGateway)).data.versions).toHaveLength(2);
  const { deployments } = (await routes.listDeployments(id, inGateway)).data;
  expect(deployments.map((one) => one.version_id)).toEqual([first.version_id, version_id, first.version_id]);
  expect(await routes.getVersion(version_id, { ...inGateway, id })).toMatchObject({ data: oneModel(OTHER) });
});

test("PATCH changes the name and cannot change the graph", async () => {
  const { routes, inGateway, create } = await gateway("patched");
  const { id, version } = await create("before");
  const patch = { ...inGateway, name: "after", elements: oneModel(OTHER) };
  expect(await routes.update(id, patch)).toMatchObject({ success: true, route: { name: "after" } });
  const read = await routes.get(id, inGateway);
  expect(read.version).toMatchObject({ version_id: version.version_id, data: oneModel(KIMI) });
});

test("lists page without a total and leave the graph out", async () => {
  const { routes, at, create } = await gateway("listed");
  for (const name of ["a", "b", "c"]) await create(name);
  const first = await routes.list("listed", { ...at, per_page: 2 });
  const second = await routes.list("listed", { ...at, per_page: 2, page: 2 });
  const all = [...first.data.routes, ...second.data.routes];
  expect(all.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect(all[0]?.version).not.toHaveProperty("data");
  expect(first.data).not.toHaveProperty("total");
});

test("versions and deployments come in pages, newest first", async () => {
  const { routes, inGateway, create } = await gateway("paged");
  const { id, version: first } = await create("support");
  const made: unknown = await routes.createVersion(id, { ...inGateway, elements: oneModel(OTHER) });
  const { version_id } = made as { version_id: string };
  await routes.createDeployment(id, { ...inGateway, version_id });
  // The SDK has no parameters for the page; the API takes them.
  const page = async (what: string, number: number) => {
    const path = `/ai-gateway/gateways/paged/routes/${id}/${what}?per_page=1&page=${number}`;
    const { text } = await api(cloudflare(), "GET", path);
    const { data } = JSON.parse(text) as { data: Record<string, { version_id: string }[]> };
    return data[what]?.map((item) => item.version_id);
  };
  for (const what of ["versions", "deployments"]) {
    expect([await page(what, 1), await page(what, 2), await page(what, 3)]).toEqual([
      [version_id],
      [first.version_id],
      [],
    ]);
  }
});

test("a version that is not there cannot be deployed", async () => {
  const { routes, inGateway, create } = await gateway("undeployable");
  const { id } = await create("support");
  const deployed = routes.createDeployment(id, { ...inGateway, version_id: "none" });
  expect(await refusal(deployed)).toMatchObject({ status: 404, code: 7005 });
});

test("a name is taken once per gateway", async () => {
  const here = await gateway("taken");
  await here.create("support");
  expect(await refusal(here.create("support"))).toMatchObject({ status: 400, code: 7005 });
  await (await gateway("elsewhere")).create("support");
});

test("unknown routes are 7005, unknown gateways 7002, and a gateway takes its routes along", async () => {
  const { routes, at, inGateway, create } = await gateway("doomed");
  const { id } = await create("support");
  expect(await refusal(routes.get("nope", inGateway))).toMatchObject({ status: 404, code: 7005 });
  await sdk(cloudflare()).aiGateway.delete("doomed", at);
  expect(await refusal(routes.get(id, inGateway))).toMatchObject({ status: 404, code: 7002 });
  expect(
    cloudflare()
      .objects()
      .routes.filter(({ gatewayId }) => gatewayId === "doomed"),
  ).toEqual([]);
});

describe("graphs", () => {
  const start = { id: "start", type: "start", outputs: { next: { elementId: "end" } } };
  const end = { id: "end", type: "end", outputs: {} };
  const split = (outputs: object) => [start, { id: "split", type: "percentage", outputs }, end];

  test.each([
    ["an unknown type", [start, { id: "x", type: "rate_limit", outputs: {} }, end]],
    ["an end without outputs", [start, { id: "end", type: "end" }]],
    ["a branch called else", split({ "90%": { elementId: "end" }, else: { elementId: "end" } })],
    [
      "branches that are not 100 in total",
      split({ "90%": { elementId: "end" }, "5%": { elementId: "end" } }),
    ],
    [
      "a rate with interval in place of window",
      [
        start,
        {
          id: "r",
          type: "rate",
          properties: { key: "metadata.user", limit: 1, limitType: "count", interval: 60 },
          outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
        },
        end,
      ],
    ],
  ])("with %s are refused", async (what, elements) => {
    const { create } = await gateway(what.replace(/[^a-z0-9]+/g, "-"));
    expect(await refusal(create("bad", elements))).toMatchObject({ status: 400, code: 7001 });
  });

  test("lose a misspelt condition without a word", async () => {
    const { routes, inGateway, create } = await gateway("misspelt");
    const node = {
      id: "c",
      type: "conditional",
      properties: { condition: { a: 1 } },
      outputs: { true: { elementId: "end" }, false: { elementId: "end" } },
    };
    const { id } = await create("lossy", [start, node, end]);
    const data = (await routes.get(id, inGateway)).version.data as unknown as { properties?: unknown }[];
    expect(data[1]?.properties).toEqual({});
  });

  test("that lead nowhere are stored as not valid", async () => {
    const { create } = await gateway("dangling");
    const { version } = await create("dangling", [
      { ...start, outputs: { next: { elementId: "gone" } } },
      end,
    ]);
    expect(version.is_valid).toBe(false);
  });
});
