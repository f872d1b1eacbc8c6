import Cloudflare from "cloudflare";
import type { FaultRule } from "../../../scripts/local/cloudflare";
import {
  api,
  createGateway,
  createToken,
  oneModel,
  refusal,
  SETTINGS,
  sdk,
  storeSecret,
  useLocalCloudflare,
} from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });
const gateways = () => sdk(cloudflare()).aiGateway;
const CREATE = "POST ai-gateway/gateways";
const create = (id: string) => gateways().create({ ...account(), id, ...SETTINGS });
const exists = (id: string) =>
  cloudflare()
    .objects()
    .gateways.some((gateway) => gateway.id === id);

afterEach(() => cloudflare().faults.clear());

test("429 does nothing, and says when to come back", async () => {
  cloudflare().faults.inject({ call: CREATE, fault: "429", retryAfter: 7 });
  const error: unknown = await create("fast").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Cloudflare.RateLimitError);
  expect((error as { headers: Headers }).headers.get("retry-after")).toBe("7");
  expect(exists("fast")).toBe(false);
  await create("fast");
});

test.each([500, 502, 503, 504] as const)("%i does nothing", async (status) => {
  const id = `failing-${status}`;
  cloudflare().faults.inject({ call: CREATE, fault: "5xx", status });
  await expect(create(id)).rejects.toMatchObject({ status });
  expect(exists(id)).toBe(false);
});

test("a connection that is cut before has done nothing", async () => {
  cloudflare().faults.inject({ call: CREATE, fault: "cut-before" });
  await expect(create("cut-before")).rejects.toBeInstanceOf(Cloudflare.APIConnectionError);
  expect(exists("cut-before")).toBe(false);
});

test("a connection that is cut after has done it", async () => {
  cloudflare().faults.inject({ call: CREATE, fault: "cut-after" });
  await expect(create("cut-after")).rejects.toBeInstanceOf(Cloudflare.APIConnectionError);
  expect(exists("cut-after")).toBe(true);
});

test("the SDK's own retry meets what the lost answer left behind", async () => {
  cloudflare().faults.inject({ call: CREATE, fault: "cut-after" });
  const { apiUrl: baseURL, apiToken } = cloudflare();
  const retrying = new Cloudflare({ baseURL, apiToken, maxRetries: 1 });
  const call = retrying.aiGateway.create({ ...account(), id: "twice", ...SETTINGS });
  expect(await refusal(call)).toMatchObject({ status: 400, code: 7001 });
});

test("latency delays the answer", async () => {
  await create("slow");
  cloudflare().faults.inject({
    call: "GET ai-gateway/gateways/{g}",
    fault: "latency",
    milliseconds: 3_600_000,
  });
  const impatient = gateways().get("slow", account(), { timeout: 300 });
  await expect(impatient).rejects.toBeInstanceOf(Cloudflare.APIConnectionError);
});

test("a delayed call is done all the same", async () => {
  const fault = cloudflare().faults.inject({ call: CREATE, fault: "latency", milliseconds: 5 });
  await create("late");
  expect(fault.hits).toBe(1);
  expect(exists("late")).toBe(true);
});

describe("a stale read", () => {
  test("answers as before the last change of that object", async () => {
    await createGateway(cloudflare(), "stale", { cache_ttl: 1 });
    await gateways().update("stale", { ...account(), ...SETTINGS, cache_ttl: 2 });
    await createGateway(cloudflare(), "written-in-between");
    cloudflare().faults.inject({ call: "GET ai-gateway/gateways/{g}", fault: "stale-read" });
    expect(await gateways().get("stale", account())).toMatchObject({ cache_ttl: 1 });
    expect(await gateways().get("stale", account())).toMatchObject({ cache_ttl: 2 });
  });

  test("does not see what was just made, and still sees what was just deleted", async () => {
    const read = () => gateways().get("young", account());
    await createGateway(cloudflare(), "young");
    cloudflare().faults.inject({ call: "GET ai-gateway/gateways/{g}", fault: "stale-read", times: 2 });
    expect(await refusal(read())).toMatchObject({ status: 404, code: 7002 });
    await gateways().delete("young", account());
    expect(await read()).toMatchObject({ id: "young" });
    expect(await refusal(read())).toMatchObject({ status: 404 });
  });

  test("shows a route without the version that was just deployed", async () => {
    const gateway_id = await createGateway(cloudflare(), "stale-route");
    const routes = gateways().dynamicRouting;
    const { id } = await routes.create(gateway_id, {
      ...account(),
      name: "r",
      elements: oneModel("@cf/a/b"),
    });
    const at = { ...account(), gateway_id };
    const made: unknown = await routes.createVersion(id, { ...at, elements: oneModel("@cf/c/d") });
    await routes.createDeployment(id, { ...at, version_id: (made as { version_id: string }).version_id });
    cloudflare().faults.inject({ call: "GET ai-gateway/gateways/{g}/routes/{r}", fault: "stale-read" });
    expect((await routes.get(id, at)).version.data).toEqual(oneModel("@cf/a/b"));
    expect((await routes.get(id, at)).version.data).toEqual(oneModel("@cf/c/d"));
  });
});

describe("a rule", () => {
  test("starts with the nth call that matches and ends after so many", async () => {
    const rule = { call: CREATE, nth: 2, times: 2, fault: "5xx" } as const;
    const fault = cloudflare().faults.inject(rule);
    const made = [];
    for (const id of ["rule-1", "rule-2", "rule-3", "rule-4"])
      made.push(
        await create(id).then(
          () => 200,
          () => 500,
        ),
      );
    expect(made).toEqual([200, 500, 500, 200]);
    expect(fault.hits).toBe(2);
  });

  test("can be for one object, for any call of a method, or for any call at all", async () => {
    await createGateway(cloudflare(), "one");
    await createGateway(cloudflare(), "other");
    const inject = (rule: FaultRule) => cloudflare().faults.inject(rule);
    const one = inject({
      call: "GET ai-gateway/gateways/one",
      fault: "5xx",
      times: Number.POSITIVE_INFINITY,
    });
    await gateways().get("other", account());
    await expect(gateways().get("one", account())).rejects.toMatchObject({ status: 500 });
    one.remove();
    await gateways().get("one", account());

    inject({ call: "DELETE *", fault: "5xx" });
    await gateways().get("one", account());
    await expect(gateways().delete("one", account())).rejects.toMatchObject({ status: 500 });
    inject({ call: "* *", fault: "5xx" });
    await expect(sdk(cloudflare()).user.tokens.verify()).rejects.toMatchObject({ status: 500 });
  });

  test.each([
    ["a call that nothing serves", { call: "POST ai-gateway/gateway", fault: "429" }],
    ["a stale read of something that writes", { call: CREATE, fault: "stale-read" }],
    ["no method", { call: "ai-gateway/gateways", fault: "429" }],
  ] as const)("for %s is refused", (_what, rule) => {
    expect(() => cloudflare().faults.inject(rule)).toThrow(`"${rule.call}"`);
  });

  test("does not count calls without a valid path", async () => {
    const fault = cloudflare().faults.inject({ call: CREATE, fault: "429" });
    await api(cloudflare(), "POST", "/nowhere", {});
    expect(fault.hits).toBe(0);
  });
});

describe("what takes a while to arrive", () => {
  let time = Date.now();
  const slow = useLocalCloudflare({
    clock: () => time,
    propagation: { tokenSeconds: 10, secretSeconds: 10 },
  });

  test("a new token is known to the API at once, and to the gateway later", async () => {
    const at = { account_id: slow().accountId };
    await createGateway(slow(), "late");
    const { id, value } = await createToken(slow(), "AI Gateway Run");
    const ask = (token: string) =>
      fetch(`${slow().gatewayUrl}/v1/${at.account_id}/late/openai/models`, {
        headers: { "cf-aig-authorization": `Bearer ${token}`, authorization: "Bearer bad" },
      });
    const codes = async (token: string) => (await ask(token)).headers.get("cf-aig-log-id") !== null;
    expect(await sdk(slow(), value).accounts.tokens.verify(at)).toMatchObject({ status: "active" });
    const early = (await (await ask(value)).json()) as { error: { code: number }[] };
    expect(early.error[0]?.code).toBe(2009);
    time += 10_000;
    expect(await codes(value)).toBe(true);

    const rolled = await sdk(slow()).accounts.tokens.value.update(id, at);
    expect(await codes(rolled)).toBe(false);
    time += 10_000;
    expect(await codes(rolled)).toBe(true);
  });

  test("a new secret is pending, and AI Gateway does not find it", async () => {
    const at = { account_id: slow().accountId };
    const { id, storeId } = await storeSecret(slow(), "slow-key_openai_default", "sk-any");
    await createGateway(slow(), "slow-key", { store_id: storeId });
    const { aiGateway, secretsStore } = sdk(slow());
    const status = async () =>
      (await secretsStore.stores.secrets.get(id, { ...at, store_id: storeId })).status;
    const body = { ...at, provider_slug: "openai", alias: "default", default_config: true, secret_id: id };
    expect(await status()).toBe("pending");
    const early = await refusal(aiGateway.providerConfigs.create("slow-key", body));
    expect(early).toMatchObject({ code: 7001, message: expect.stringContaining("was not found") });
    time += 10_000;
    expect(await status()).toBe("active");
    await aiGateway.providerConfigs.create("slow-key", body);
  });

  test("a token ends by the account's clock", async () => {
    const at = { account_id: slow().accountId };
    const { value } = await createToken(slow(), "AI Gateway Read");
    const own = sdk(slow(), value);
    const { id } = await own.accounts.tokens.verify(at);
    const { name = "", policies = [] } = await sdk(slow()).accounts.tokens.get(id, at);
    const resources = { [`com.cloudflare.api.account.${slow().accountId}`]: "*" as const };
    const groups = policies.flatMap(({ permission_groups }) =>
      permission_groups.map((group) => ({ id: group.id })),
    );
    const kept = [{ effect: "allow" as const, permission_groups: groups, resources }];
    const expires_on = new Date(time + 60_000).toISOString();
    await sdk(slow()).accounts.tokens.update(id, { ...at, name, policies: kept, expires_on });
    await own.aiGateway.list(at);
    time += 60_000;
    expect(await refusal(own.aiGateway.list(at))).toMatchObject({ status: 403, code: 10000 });
    expect(await own.accounts.tokens.verify(at)).toMatchObject({ status: "expired" });
  });
});
