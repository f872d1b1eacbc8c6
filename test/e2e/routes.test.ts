import { generateKeyPairSync } from "node:crypto";
import Cloudflare from "cloudflare";
import { oneModelRoute } from "../../infra/cloudflare/route";
import { DEFAULT_MODEL } from "../../infra/config/routes";
import type { RouteObject } from "../../scripts/local/cloudflare";
import { isEmpty } from "../../scripts/local/cloudflare";
import type { LocalEnvironment } from "../../scripts/local/environment";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * Dynamic routes and stored keys with the real engine and plugins, without a host. The steps build on each other, in
 * order.
 */

const MINUTE = 60_000;
const KIMI = "@cf/moonshotai/kimi-k2.6";
const LLAMA = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const GATEWAY = "openclaw-routes";
const key = (name: string) => `openclaw-ai-gateway:${name}`;

let tools: Toolchain;
let operator: OperatorSession;
let environment: LocalEnvironment;
let client: Cloudflare;

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "routes", { hosts: [] });
  ({ environment } = operator);
  const { apiToken, apiUrl } = environment.cloudflare;
  client = new Cloudflare({ apiToken, baseURL: apiUrl, maxRetries: 0 });
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

const unchanged = async () => succeeded(await operator.up("--expect-no-changes"));
const configureRoutes = (routes: object) => environment.stack.configure({ [key("routes")]: routes });

/** Sets plain settings beside the encrypted keys. */
function configureProviders(settings: Record<string, object>): void {
  const { stack } = environment;
  const providers = stack.config(key("providers")) as Record<string, object>;
  const merged = Object.entries(settings).map(([slug, own]) => [slug, { ...providers[slug], ...own }]);
  stack.configure({ [key("providers")]: { ...providers, ...Object.fromEntries(merged) } });
}

function routes(): Map<string, RouteObject> {
  return new Map(environment.cloudflare.objects().routes.map((route) => [route.name, route]));
}

function routeOf(name: string): RouteObject {
  const route = routes().get(name);
  if (route === undefined) throw new Error(`no route ${name}: ${[...routes().keys()].join(", ")}`);
  return route;
}

const serving = (route: RouteObject) => route.deployments.at(-1)?.versionId;
const modelOf = (route: RouteObject) =>
  route.versions
    .find(({ versionId }) => versionId === serving(route))
    ?.elements.find(({ type }) => type === "model")?.properties?.model;

/** Calls of somebody else at the dashboard. */
const dashboard = {
  scope: () => ({ account_id: environment.cloudflare.accountId, gateway_id: GATEWAY }),
  async draft(name: string, model: string): Promise<string> {
    const version: unknown = await client.aiGateway.dynamicRouting.createVersion(routeOf(name).id, {
      ...this.scope(),
      elements: oneModelRoute(model),
    });
    return (version as { version_id: string }).version_id;
  },
  async deploy(name: string, version_id: string): Promise<void> {
    const { id } = routeOf(name);
    await client.aiGateway.dynamicRouting.createDeployment(id, { ...this.scope(), version_id });
  },
};

step("several routes are made, and a second up changes nothing", async () => {
  configureRoutes({
    main: {},
    careful: { limit: { per: "host", requests: 5, window: 60, model: LLAMA, beyond: KIMI } },
    trial: {
      split: [
        { percent: 10, model: LLAMA },
        { percent: 90, model: KIMI },
      ],
    },
  });
  const first = await operator.up();
  succeeded(first);
  expect(first.stdout + first.stderr).toContain("routes.trial: 'percentage-1' is a percentage node");
  expect([...routes().keys()].sort()).toEqual(["careful", "main", "trial"]);
  expect(await environment.stack.outputs()).toMatchObject({
    routeModel: "dynamic/main",
    routeModels: { main: "dynamic/main", careful: "dynamic/careful", trial: "dynamic/trial" },
  });
  await unchanged();
});

step("a changed graph is a new version of the same route, a changed name the same route", async () => {
  const before = routeOf("main");
  configureRoutes({ main: { model: LLAMA, name: "renamed" } });
  succeeded(await operator.up());
  const after = routeOf("renamed");
  expect(after.id).toBe(before.id);
  expect(modelOf(after)).toBe(LLAMA);
  expect(after.versions).toHaveLength(2);
  expect(routes().size).toBe(1);
  await unchanged();
});

step("a version that somebody deployed shows at a plain preview, and up puts it right", async () => {
  await dashboard.deploy("renamed", await dashboard.draft("renamed", KIMI));
  const preview = await operator.pulumi("preview");
  succeeded(preview);
  expect(preview.stdout + preview.stderr).toContain(
    "Route 'renamed' was changed outside of this stack: version",
  );
  expect((await operator.pulumi("preview", "--expect-no-changes")).exitCode).not.toBe(0);
  succeeded(await operator.up());
  expect(modelOf(routeOf("renamed"))).toBe(LLAMA);
  await unchanged();
});

step("a draft shows at refresh, and up puts it right", async () => {
  const draft = await dashboard.draft("renamed", KIMI);
  const refresh = await operator.refresh("--expect-no-changes");
  expect(refresh.exitCode).not.toBe(0);
  expect((await operator.pulumi("preview", "--expect-no-changes")).exitCode).not.toBe(0);
  succeeded(await operator.up());
  const { versions } = routeOf("renamed");
  expect(serving(routeOf("renamed"))).toBe(versions.at(-1)?.versionId);
  expect(versions.at(-1)?.versionId).not.toBe(draft);
  await unchanged();
  succeeded(await operator.refresh("--expect-no-changes"));
});

step("an earlier version is put back by a pin, and the graph by its end", async () => {
  const { id, versions } = routeOf("renamed");
  const version = versions[0]?.versionId;
  configureRoutes({ main: { model: LLAMA, name: "renamed", version } });
  succeeded(await operator.up());
  expect(modelOf(routeOf("renamed"))).toBe(DEFAULT_MODEL);
  await unchanged();
  configureRoutes({ main: { model: LLAMA, name: "renamed" } });
  succeeded(await operator.up());
  expect(routeOf("renamed")).toMatchObject({ id, versions });
  expect(modelOf(routeOf("renamed"))).toBe(LLAMA);
  await unchanged();
});

step("when Cloudflare cannot be asked, a preview goes by the state and says so", async () => {
  const { faults } = environment.cloudflare;
  const cut = faults.inject({
    call: "GET ai-gateway/gateways/{g}/routes/{r}",
    fault: "cut-before",
    times: Number.POSITIVE_INFINITY,
  });
  const preview = await operator.pulumi("preview", "--expect-no-changes");
  cut.remove();
  succeeded(preview);
  expect(preview.stdout + preview.stderr).toContain("do not show");
});

step("a provider's key is stored at the gateway, and the Worker holds it no more", async () => {
  const { cloudflare } = environment;
  configureProviders({ anthropic: { keyStore: "gateway" }, openai: { keyStore: "gateway" } });
  configureRoutes({ main: { fallback: ["anthropic/claude-sonnet-4-6", "openai/gpt-5-mini"] } });
  succeeded(await operator.up());
  const { providerConfigs, secrets, gateways, secretsStores, scripts } = cloudflare.objects();
  expect(providerConfigs.map(({ providerSlug, alias }) => [providerSlug, alias]).sort()).toEqual([
    ["anthropic", "default"],
    ["openai", "default"],
  ]);
  expect(secrets.map(({ name }) => name).sort()).toEqual([
    `${GATEWAY}_anthropic_default`,
    `${GATEWAY}_openai_default`,
  ]);
  expect(gateways[0]?.settings.store_id).toBe(secretsStores[0]?.id);
  const names = scripts[0]?.bindings.map(({ name }) => name);
  expect(names).not.toContain("KEY_ANTHROPIC");
  expect(names).toContain("KEY_OPENROUTER");
  await unchanged();
  succeeded(await operator.refresh("--expect-no-changes"));
});

step("the real Worker's request is served by a route with the stored keys of two providers", async () => {
  const { cloudflare, stack } = environment;
  const worker = await hostToken();
  const ask = (model: string) =>
    fetch(`${worker.url}/compat/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${worker.token}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "ping" }] }),
    });

  const first = await ask("dynamic/main");
  expect([first.status, await first.text()]).toEqual([200, expect.stringContaining("pong from anthropic/")]);
  expect(cloudflare.providerRequests().at(-1)).toMatchObject({ slug: "anthropic", key: "ok" });

  // Another value of the same secret. This one the provider refuses, so the second model serves.
  await stack.setSecret(key("providers.anthropic.apiKey"), `sk-ant-api03-${"w".repeat(80)}AA`);
  succeeded(await operator.up("--target", "**::key-anthropic"));
  const second = await ask("dynamic/main");
  expect(await second.text()).toContain("pong from openai/");
  expect(cloudflare.providerRequests().slice(-2)).toMatchObject([
    { slug: "anthropic", key: "bad" },
    { slug: "openai", key: "ok" },
  ]);

  // By the provider's own path too the gateway puts the key in.
  const native = await fetch(`${worker.url}/openai/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${worker.token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5-mini", messages: [{ role: "user", content: "ping" }] }),
  });
  expect(native.status).toBe(200);
  expect(cloudflare.gatewayLog().at(-1)).toMatchObject({ provider: "openai", status: 200 });
});

/**
 * A token that the Worker takes. There is no VPS in this file, so a host is configured and only what the Worker needs of
 * it is made; then it is taken out of the configuration again.
 */
async function hostToken(): Promise<{ url: string; token: string }> {
  const { stack } = environment;
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const wire = Buffer.concat([Buffer.from("0000000b7373682d6564323535313900000020", "hex"), raw]);
  stack.configure({
    [key("hosts")]: [
      {
        name: "vps1",
        address: "127.0.0.1",
        hostKey: `ssh-ed25519 ${wire.toString("base64")}`,
        directory: "/nowhere",
        look: false,
      },
    ],
  });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  await stack.setSecret(key("hosts[0].privateKey"), pem);
  succeeded(await operator.up("--target", "**::host-token-vps1-1", "--target", "**::worker-script"));
  const { workerUrl, openclawEnv } = await stack.outputs(true);
  const env = (openclawEnv as Record<string, Record<string, string>>).vps1;
  return { url: String(workerUrl), token: String(env?.AI_GATEWAY_AUTH_TOKEN) };
}

step("a rotated key changes its secret and nothing else", async () => {
  const { cloudflare, stack, providerKeys } = environment;
  stack.configure({ [key("hosts")]: [] });
  const before = cloudflare.objects();
  await stack.setSecret(key("providers.anthropic.apiKey"), providerKeys.anthropic ?? "");
  succeeded(await operator.up());
  const after = cloudflare.objects();
  const identity = ({ id, name }: { id: string; name: string }) => [id, name];
  expect(after.secrets.map(identity)).toEqual(before.secrets.map(identity));
  expect(after.secrets).not.toEqual(before.secrets);
  expect(after.providerConfigs).toEqual(before.providerConfigs);
  expect(after.routes).toEqual(before.routes);
  expect(after.gateways).toEqual(before.gateways);
});

step("a stored key that somebody deleted shows at preview, and up stores it again", async () => {
  const [config] = environment.cloudflare.objects().providerConfigs;
  const { account_id, gateway_id } = dashboard.scope();
  await client.delete(
    `/accounts/${account_id}/ai-gateway/gateways/${gateway_id}/provider_configs/${config?.id}`,
  );
  const preview = await operator.pulumi("preview");
  expect(preview.stdout + preview.stderr).toContain("was deleted outside of this stack; it is stored again");
  succeeded(await operator.up());
  expect(environment.cloudflare.objects().providerConfigs).toHaveLength(2);
  await unchanged();
});

step("a key goes back to the Worker, to the gateway again, and to both", async () => {
  const stored = () =>
    environment.cloudflare.objects().providerConfigs.map(({ providerSlug }) => providerSlug);
  const held = () => environment.cloudflare.objects().scripts[0]?.bindings.map(({ name }) => name);
  configureRoutes({ main: {} });
  configureProviders({ openai: { keyStore: "worker" } });
  succeeded(await operator.up());
  expect(stored()).toEqual(["anthropic"]);
  expect(held()).toContain("KEY_OPENAI");

  configureProviders({ openai: { keyStore: "both" } });
  succeeded(await operator.up());
  expect(stored().sort()).toEqual(["anthropic", "openai"]);
  expect(held()).toContain("KEY_OPENAI");
  await unchanged();
});

step("no key stands in clear in the state or in anything that was printed", async () => {
  const state = await environment.stack.exportState();
  const { providerKeys, cloudflare } = environment;
  const secrets = { ...providerKeys, apiToken: cloudflare.apiToken };
  expect(operator.leaked(secrets)).toEqual([]);
  expect(operator.leaked(secrets, state)).toEqual([]);
});

step("destroy leaves nothing but the account's store, also when half was removed by hand", async () => {
  const { cloudflare } = environment;
  const scope = dashboard.scope();
  await client.aiGateway.dynamicRouting.delete(routeOf("main").id, scope);
  const [config] = cloudflare.objects().providerConfigs;
  await client.delete(
    `/accounts/${scope.account_id}/ai-gateway/gateways/${scope.gateway_id}/provider_configs/${config?.id}`,
  );
  succeeded(await operator.destroy());
  expect(isEmpty(cloudflare.objects())).toBe(true);
  expect(cloudflare.objects().secretsStores).toHaveLength(1);
});
