import { oneModelRoute } from "../../../infra/cloudflare/route";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import type { Properties } from "../../../infra/pulumi-provider/handler";
import { ProviderConfigHandler } from "../../../infra/pulumi-provider/provider-config";
import { ProviderConfigs } from "../../../infra/pulumi-provider/provider-configs-api";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { SecretsStoreHandler } from "../../../infra/pulumi-provider/secrets-store";
import { SecretsStores } from "../../../infra/pulumi-provider/secrets-stores-api";
import { WorkersSubdomainHandler } from "../../../infra/pulumi-provider/workers-subdomain";
import { WorkersSubdomainApi } from "../../../infra/pulumi-provider/workers-subdomain-api";
import type { FaultRule, LocalCloudflare } from "../../../scripts/local/cloudflare";
import { Managed } from "./engine";
import { useAccount } from "./gateways";

/**
 * Every fault of the API at every call that a change makes, once and for as long as the run lasts: whatever happens, the
 * next `up` brings everything in line, and nothing is left over or made twice.
 */

// The waits between attempts are the handlers' own; here they take a hundredth of their time.
jest.mock("node:timers/promises", () => {
  const timers = jest.requireActual<typeof import("node:timers/promises")>("node:timers/promises");
  const { setTimeout: sleep } = timers;
  return { ...timers, setTimeout: (ms: number, ...rest: []) => sleep(ms / 100, ...rest) };
});

const account = useAccount();
afterEach(() => account().cloudflare.faults.clear());

const KIMI = oneModelRoute("@cf/moonshotai/kimi-k2.6");
const LLAMA = oneModelRoute("@cf/meta/llama-3.1-8b-instruct");

type Kind = Omit<FaultRule, "call" | "times">;

const FAULTS: [string, Kind][] = [
  ["latency", { fault: "latency", milliseconds: 20 } as Kind],
  ["429", { fault: "429", retryAfter: 1 } as Kind],
  ["500", { fault: "5xx" }],
  ["503 that is no JSON", { fault: "5xx", status: 503 } as Kind],
  ["cut before the effect", { fault: "cut-before" }],
  ["cut after the effect", { fault: "cut-after" }],
  ["stale read", { fault: "stale-read" }],
];

/** Each fault at each call, once and lasting. */
function cases(calls: readonly string[]): [string, FaultRule][] {
  return calls.flatMap((call) =>
    FAULTS.filter(([, { fault }]) => fault !== "stale-read" || call.startsWith("GET")).flatMap(
      ([name, kind]): [string, FaultRule][] => [
        [`${name} at ${call}`, { ...kind, call } as FaultRule],
        [`${name} at every ${call}`, { ...kind, call, times: Number.POSITIVE_INFINITY } as FaultRule],
      ],
    ),
  );
}

/** Does something with a fault, then once more without it if it did not succeed. The fault has to have happened. */
async function despite(
  rule: FaultRule,
  act: () => Promise<void>,
  { faults }: Pick<LocalCloudflare, "faults"> = account().cloudflare,
): Promise<void> {
  const fault = faults.inject(rule);
  const failure = await act().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault.hits).toBeGreaterThan(0);
  faults.clear();
  if (failure === undefined) return;
  // What the operator reads is one sentence of what was being done, not a stack of an HTTP client.
  expect(String(failure)).toMatch(/^(PartlyCreated)?Error: .*(route|key|Secrets Store|subdomain)/i);
  await act();
}

describe("a dynamic route", () => {
  const ROUTES = "ai-gateway/gateways/{g}/routes";
  const ROUTE = `${ROUTES}/{r}`;
  const READS = [`GET ${ROUTE}`, `GET ${ROUTE}/versions`];
  const { cloudflare, client, newGateway } = {
    cloudflare: () => account().cloudflare,
    client: () => account().client,
    newGateway: () => account().newGateway(),
  };

  let gatewayId: string;
  let managed: Managed;

  beforeEach(async () => {
    gatewayId = await newGateway();
    managed = new Managed(
      new DynamicRouteHandler((accountId, gateway) => new RoutesApi(client(), accountId, gateway)),
    );
  });

  const inputs = (changes: Properties = {}): Properties => ({
    accountId: cloudflare().accountId,
    gatewayId,
    name: "main",
    elements: KIMI,
    ...changes,
  });
  const routes = () =>
    cloudflare()
      .objects()
      .routes.filter((route) => route.gatewayId === gatewayId);

  /** One route of that name, whose newest version serves this graph; the next `up` has nothing to do. */
  async function expectRoute(elements: unknown, versions: number, wanted: Properties): Promise<void> {
    const [route, ...others] = routes();
    expect(others).toEqual([]);
    expect(route).toMatchObject({ id: managed.id, name: wanted.name });
    expect(route?.versions).toHaveLength(versions);
    const serving = route?.versions.find(
      ({ versionId }) => versionId === route.deployments.at(-1)?.versionId,
    );
    expect(serving?.elements).toEqual(elements);
    expect(await managed.diff(wanted)).toEqual({ updates: [], replaces: [] });
  }

  test.each(cases([`GET ${ROUTES}`, `POST ${ROUTES}`, ...READS]))(
    "is created despite %s",
    async (_, rule) => {
      await despite(rule, () => managed.up(inputs()));
      await expectRoute(KIMI, 1, inputs({ adopt: false }));
    },
  );

  test.each(cases([...READS, `POST ${ROUTE}/versions`, `POST ${ROUTE}/deployments`]))(
    "has its graph changed despite %s",
    async (_, rule) => {
      await managed.up(inputs());
      const { id } = managed;
      await despite(rule, () => managed.up(inputs({ elements: LLAMA })));
      expect(managed.id).toBe(id);
      await expectRoute(LLAMA, 2, inputs({ elements: LLAMA, adopt: false }));
    },
  );

  test.each(cases([...READS, `PATCH ${ROUTE}`]))("is renamed despite %s", async (_, rule) => {
    await managed.up(inputs());
    await despite(rule, () => managed.up(inputs({ name: "other" })));
    await expectRoute(KIMI, 1, inputs({ name: "other", adopt: false }));
  });

  test.each(cases([`DELETE ${ROUTE}`]))("is deleted despite %s", async (_, rule) => {
    await managed.up(inputs());
    await despite(rule, () => managed.destroy());
    expect(routes()).toEqual([]);
  });

  test("is made again when somebody has deleted it, and the next run has nothing to do", async () => {
    await managed.up(inputs());
    await client().aiGateway.dynamicRouting.delete(managed.id ?? "", {
      account_id: cloudflare().accountId,
      gateway_id: gatewayId,
    });
    await managed.up(inputs());
    await expectRoute(KIMI, 1, inputs({ adopt: false }));
  });

  test.each(cases(READS))("is never made anew because of %s", async (_, rule) => {
    await managed.up(inputs());
    await managed.up(inputs({ elements: LLAMA }));
    cloudflare().faults.inject(rule);
    const { replaces } = await managed.diff(inputs({ elements: LLAMA, adopt: false }));
    expect(replaces).toEqual([]);
    cloudflare().faults.clear();
    await managed.up(inputs({ elements: LLAMA }));
    await expectRoute(LLAMA, 2, inputs({ elements: LLAMA, adopt: false }));
  });
});

describe("a stored key", () => {
  const CONFIGS = "ai-gateway/gateways/{g}/provider_configs";
  let gatewayId: string;
  let managed: Managed;
  let secretId: string;

  beforeEach(async () => {
    const { cloudflare, client, newGateway } = account();
    const { accountId } = cloudflare;
    const stores = new SecretsStores(client, accountId);
    const store = (await stores.first()) ?? (await stores.create("default_secrets_store"));
    gatewayId = await newGateway({ store_id: store.id });
    const created = client.secretsStore.stores.secrets.create(store.id, {
      account_id: accountId,
      body: [{ name: `${gatewayId}_openai_default`, value: "sk-sentinel", scopes: ["ai_gateway"] }],
    });
    for await (const { id } of created) secretId = id;
    managed = new Managed(
      new ProviderConfigHandler((owner, gateway) => new ProviderConfigs(client, owner, gateway)),
    );
  });

  const inputs = (): Properties => ({
    accountId: account().cloudflare.accountId,
    gatewayId,
    providerSlug: "openai",
    alias: "default",
    secretId,
  });
  const configs = () =>
    account()
      .cloudflare.objects()
      .providerConfigs.filter((config) => config.gatewayId === gatewayId);

  test.each(cases([`GET ${CONFIGS}`, `POST ${CONFIGS}`]))("is created despite %s", async (_, rule) => {
    await despite(rule, () => managed.up(inputs()));
    expect(configs()).toMatchObject([{ id: managed.id, secretId, defaultConfig: true }]);
    expect(await managed.diff(inputs())).toEqual({ updates: [], replaces: [] });
  });

  test.each(cases([`DELETE ${CONFIGS}/{c}`]))("is deleted despite %s", async (_, rule) => {
    await managed.up(inputs());
    await despite(rule, () => managed.destroy());
    expect(configs()).toEqual([]);
  });
});

describe("the Secrets Store", () => {
  const STORES = "secrets_store/stores";
  const empty = useAccount({ eachTest: true });

  test.each(cases([`GET ${STORES}`, `POST ${STORES}`]))("is made once despite %s", async (_, rule) => {
    const { cloudflare, client } = empty();
    const managed = new Managed(new SecretsStoreHandler((owner) => new SecretsStores(client, owner)));
    await despite(rule, () => managed.up({ accountId: cloudflare.accountId }), cloudflare);
    expect(cloudflare.objects().secretsStores).toEqual([{ id: managed.id, name: "default_secrets_store" }]);
  });
});

describe("the account's name at workers.dev", () => {
  const SUBDOMAIN = "workers/subdomain";
  const bare = useAccount({ eachTest: true, workersSubdomain: null });

  test.each(cases([`GET ${SUBDOMAIN}`, `PUT ${SUBDOMAIN}`]))("is made once despite %s", async (_, rule) => {
    const { cloudflare, client } = bare();
    const managed = new Managed(
      new WorkersSubdomainHandler((owner) => new WorkersSubdomainApi(client, owner)),
    );
    const wanted = { accountId: cloudflare.accountId, wanted: "acme" };
    await despite(rule, () => managed.up(wanted), cloudflare);
    expect(cloudflare.objects().workersSubdomain).toBe("acme");
    expect(await managed.diff(wanted)).toEqual({ updates: [], replaces: [] });
  });
});
