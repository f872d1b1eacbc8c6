import type { Properties } from "../../../infra/pulumi-provider/handler";
import { ProviderConfigHandler } from "../../../infra/pulumi-provider/provider-config";
import { ProviderConfigs } from "../../../infra/pulumi-provider/provider-configs-api";
import { SecretsStoreHandler } from "../../../infra/pulumi-provider/secrets-store";
import { SecretsStores } from "../../../infra/pulumi-provider/secrets-stores-api";
import { Managed } from "./engine";
import { useAccount } from "./gateways";

const account = useAccount({ eachTest: true });
const accountId = () => account().cloudflare.accountId;

function secretsStore(): Managed {
  return new Managed(new SecretsStoreHandler((owner) => new SecretsStores(account().client, owner)));
}

describe("the Secrets Store", () => {
  const stores = () => account().cloudflare.objects().secretsStores;

  test("that is there is used, whatever its name, and is not said to be ours", async () => {
    const theirs = await account().client.secretsStore.stores.create({ account_id: accountId(), name: "x" });
    const managed = secretsStore();
    await managed.up({ accountId: accountId() });
    expect(managed).toMatchObject({ id: theirs.id, state: { name: "x", createdByUs: false } });
    expect(stores()).toHaveLength(1);
  });

  test("is made where there is none, and stays when the stack goes", async () => {
    const managed = secretsStore();
    await managed.up({ accountId: accountId() });
    expect(managed.state).toEqual({
      accountId: accountId(),
      name: "default_secrets_store",
      createdByUs: true,
    });
    await managed.up({ accountId: accountId() });
    await managed.destroy();
    expect(stores()).toHaveLength(1);
  });

  test("is read as it was made, and is gone when somebody deletes it", async () => {
    const handler = new SecretsStoreHandler((owner) => new SecretsStores(account().client, owner));
    const { id, outputs } = await handler.create({ accountId: accountId() });
    expect(await handler.read(id, outputs)).toEqual({ id, inputs: { accountId: accountId() }, outputs });
    await account().client.secretsStore.stores.delete(id, { account_id: accountId() });
    expect(await handler.read(id, outputs)).toBeUndefined();
  });
});

describe("a stored key", () => {
  let gatewayId: string;
  let storeId: string;
  let handler: ProviderConfigHandler;

  beforeEach(async () => {
    const { client, newGateway } = account();
    storeId = (await new SecretsStores(client, accountId()).create("default_secrets_store")).id;
    gatewayId = await newGateway({ store_id: storeId });
    handler = new ProviderConfigHandler((owner, gateway) => new ProviderConfigs(client, owner, gateway));
  });

  async function secret(alias = "default", providerSlug = "openai"): Promise<string> {
    const created = account().client.secretsStore.stores.secrets.create(storeId, {
      account_id: accountId(),
      body: [{ name: `${gatewayId}_${providerSlug}_${alias}`, value: "sk-x", scopes: ["ai_gateway"] }],
    });
    for await (const { id } of created) return id;
    throw new Error("no secret");
  }

  const inputs = (secretId: string, alias = "default"): Properties => ({
    accountId: accountId(),
    gatewayId,
    providerSlug: "openai",
    alias,
    secretId,
  });
  const configs = () => account().cloudflare.objects().providerConfigs;

  test("is the default of its provider, and is not touched again", async () => {
    const managed = new Managed(handler);
    const wanted = inputs(await secret());
    await managed.up(wanted);
    await managed.up(wanted);
    expect(configs()).toMatchObject([
      { id: managed.id, providerSlug: "openai", alias: "default", defaultConfig: true },
    ]);
    expect(managed.state).toEqual(wanted);
    expect(await handler.read(managed.id ?? "", managed.state)).toEqual({
      id: managed.id,
      inputs: wanted,
      outputs: wanted,
    });
  });

  test("gives way to one of another alias or secret, since none can be changed", async () => {
    const managed = new Managed(handler);
    await managed.up(inputs(await secret()));
    await managed.up(inputs(await secret("other"), "other"));
    expect(configs()).toMatchObject([{ id: managed.id, alias: "other", defaultConfig: true }]);
  });

  test("that somebody else stored is refused, with the commands for each way out", async () => {
    const theirs = await handler.create(inputs(await secret()));
    const other = { ...inputs("another-secret") };
    await expect(handler.create(other)).rejects.toThrow(
      /already has a key of openai under the alias 'default'.*byokAlias default.*byokAlias <other alias>.*dashboard/,
    );
    expect(configs()).toMatchObject([{ id: theirs.id }]);
  });

  test("that somebody deleted shows, and is stored again", async () => {
    const managed = new Managed(handler);
    const wanted = inputs(await secret());
    await managed.up(wanted);
    await handler.delete(managed.id ?? "", managed.state);
    expect(await managed.diff(wanted)).toEqual({ updates: [], replaces: ["alias"] });
    expect(managed.warnings).toEqual([
      `The key of openai stored at gateway '${gatewayId}' was deleted outside of this stack; it is stored again.`,
    ]);
    await managed.up(wanted);
    expect(configs()).toHaveLength(1);
  });

  test("that is no default any more shows too", async () => {
    const managed = new Managed(handler);
    const wanted = inputs(await secret());
    await managed.up(wanted);
    await handler.create(inputs(await secret("theirs"), "theirs"));
    expect((await managed.diff(wanted)).replaces).toEqual(["alias"]);
    await managed.up(wanted);
    expect(await managed.diff(wanted)).toEqual({ updates: [], replaces: [] });
  });

  test("is gone with its gateway, and deleting it then is fine", async () => {
    const { id, outputs } = await handler.create(inputs(await secret()));
    await account().client.aiGateway.delete(gatewayId, { account_id: accountId() });
    expect(await handler.read(id, outputs)).toBeUndefined();
    await handler.delete(id, outputs);
  });
});

describe("with a secret that takes a while to arrive at the gateway", () => {
  const slow = useAccount({ propagation: { secretSeconds: 1 } });

  test("the key is stored once it is there", async () => {
    const { cloudflare, client, newGateway } = slow();
    const account_id = cloudflare.accountId;
    const store = await new SecretsStores(client, account_id).create("default_secrets_store");
    const gatewayId = await newGateway({ store_id: store.id });
    const created = client.secretsStore.stores.secrets.create(store.id, {
      account_id,
      body: [{ name: `${gatewayId}_openai_default`, value: "sk-x", scopes: ["ai_gateway"] }],
    });
    const secrets: string[] = [];
    for await (const { id } of created) secrets.push(id);

    const handler = new ProviderConfigHandler(
      (owner, gateway) => new ProviderConfigs(client, owner, gateway),
    );
    const { id } = await handler.create({
      accountId: account_id,
      gatewayId,
      providerSlug: "openai",
      alias: "default",
      secretId: secrets[0],
    });
    expect(cloudflare.objects().providerConfigs).toMatchObject([{ id, secretId: secrets[0] }]);
  });
});
