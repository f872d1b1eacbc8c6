import { api, createGateway, createToken, refusal, sdk, storeSecret, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });
const configs = () => sdk(cloudflare()).aiGateway.providerConfigs;
const KEY = "sk-proj-stored-000000000000000000000000";

/** A gateway whose keys are in the account's store, and a secret under the name that it looks for. */
async function gateway(id: string, provider = "openai", alias = "default") {
  const secret = await storeSecret(cloudflare(), `${id}_${provider}_${alias}`, KEY);
  await createGateway(cloudflare(), id, { store_id: secret.storeId });
  const body = { ...account(), provider_slug: provider, alias, default_config: true };
  return { secret, body: { ...body, secret_id: secret.id } };
}

test("a config refers to a secret and shows nothing of it but its end", async () => {
  const { secret, body } = await gateway("refers");
  const created = await configs().create("refers", { ...body, rate_limit: 10, rate_limit_period: 60 });
  expect(created).toMatchObject({
    alias: "default",
    gateway_id: "refers",
    provider_slug: "openai",
    secret_id: secret.id,
    rate_limit: 10,
    rate_limit_period: 60,
  });
  // A number, whatever the SDK's type says.
  expect(created.default_config).toBe(1);
  const { result } = await configs().list("refers", account());
  expect(result).toEqual([created]);
  expect(created.secret_preview).toBe(`****${KEY.slice(-4)}`);
  expect(JSON.stringify([created, cloudflare().objects()])).not.toContain(KEY);
});

test("a key that is sent along becomes a secret of the gateway's store", async () => {
  const { secret, body } = await gateway("inline", "anthropic");
  const { secret_id: _other, ...inline } = { ...body, provider_slug: "openai" };
  const created = await configs().create("inline", { ...inline, secret: KEY });
  const stored = cloudflare()
    .objects()
    .secrets.find(({ id }) => id === created.secret_id);
  expect(stored).toMatchObject({
    name: "inline_openai_default",
    storeId: secret.storeId,
    scopes: ["ai_gateway"],
  });
});

test("a second default of a provider takes over from the first", async () => {
  const { body } = await gateway("defaults");
  await configs().create("defaults", body);
  const other = await storeSecret(cloudflare(), "defaults_openai_batch", KEY);
  await configs().create("defaults", { ...body, alias: "batch", secret_id: other.id });
  const { result } = await configs().list("defaults", account());
  expect(result.map(({ alias, default_config }) => [alias, Number(default_config)])).toEqual([
    ["default", 0],
    ["batch", 1],
  ]);
});

describe("refused:", () => {
  test("an alias that the provider has already", async () => {
    const { body } = await gateway("taken");
    await configs().create("taken", body);
    const again = await refusal(configs().create("taken", body));
    expect(again).toEqual({ status: 400, code: 7001, message: "Provider config already exists" });
  });

  test("a gateway without a store", async () => {
    const { body } = await gateway("with-store");
    await createGateway(cloudflare(), "storeless");
    const refused = await refusal(configs().create("storeless", body));
    expect(refused).toMatchObject({ status: 400, code: 7001, message: expect.stringContaining("store_id") });
  });

  test.each([
    ["a secret under another name", "some-other-name", ["ai_gateway"] as const],
    ["a secret without the scope", "scopes_openai_default", ["workers"] as const],
  ])("%s", async (_what, name, scopes) => {
    const secret = await storeSecret(cloudflare(), name, KEY, [...scopes]);
    if (
      !cloudflare()
        .objects()
        .gateways.some(({ id }) => id === "scopes")
    )
      await createGateway(cloudflare(), "scopes", { store_id: secret.storeId });
    const body = { ...account(), provider_slug: "openai", alias: "default", default_config: true };
    const refused = await refusal(configs().create("scopes", { ...body, secret_id: secret.id }));
    expect(refused).toMatchObject({ status: 400, code: 7001 });
  });

  test("a secret that is not there", async () => {
    const { body } = await gateway("dangling");
    const refused = await refusal(configs().create("dangling", { ...body, secret_id: "f".repeat(32) }));
    expect(refused).toMatchObject({ code: 7001, message: expect.stringContaining("was not found") });
  });

  test("a key and a secret at once, and neither", async () => {
    const { body } = await gateway("either");
    expect(await refusal(configs().create("either", { ...body, secret: KEY }))).toMatchObject({ code: 7001 });
    const { secret_id: _id, ...neither } = body;
    expect(await refusal(configs().create("either", neither))).toMatchObject({ code: 7001 });
  });

  test("a token that may only read", async () => {
    const { body } = await gateway("guarded");
    const { value } = await createToken(cloudflare(), "AI Gateway Read");
    const reader = sdk(cloudflare(), value).aiGateway.providerConfigs;
    expect((await reader.list("guarded", account())).result).toEqual([]);
    expect(await refusal(reader.create("guarded", body))).toMatchObject({ status: 403, code: 10000 });
  });
});

test("there is no reading of one config and no change", async () => {
  const { body } = await gateway("strict");
  const { id } = await configs().create("strict", body);
  const path = `/ai-gateway/gateways/strict/provider_configs/${id}`;
  for (const method of ["GET", "PUT", "PATCH"]) {
    expect((await api(cloudflare(), method, path, method === "GET" ? undefined : {})).status).toBe(404);
  }
});

test("deleting a config, or its gateway, leaves the secret", async () => {
  const { secret, body } = await gateway("leaving");
  const { id } = await configs().create("leaving", body);
  const path = `/ai-gateway/gateways/leaving/provider_configs/${id}`;
  expect((await api(cloudflare(), "DELETE", path)).status).toBe(200);
  expect((await api(cloudflare(), "DELETE", path)).status).toBe(404);

  await configs().create("leaving", body);
  await sdk(cloudflare()).aiGateway.delete("leaving", account());
  const { providerConfigs, secrets } = cloudflare().objects();
  expect(providerConfigs.filter(({ gatewayId }) => gatewayId === "leaving")).toEqual([]);
  expect(secrets.map((one) => one.id)).toContain(secret.id);
});

test("the list of an unknown gateway is empty", async () => {
  expect((await configs().list("nowhere", account())).result).toEqual([]);
});
