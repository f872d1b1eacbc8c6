import { api, createToken, refusal, sdk, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });
const stores = () => sdk(cloudflare()).secretsStore.stores;
const VALUE = "sk-stored-value-000000000000000000";

/** The account's one store, made by whoever needs it first. */
async function store(): Promise<string> {
  for await (const { id } of stores().list(account())) return id;
  return (await stores().create({ ...account(), name: "default_secrets_store" })).id;
}

async function createSecret(name: string, fields: object = {}) {
  const body = [{ name, value: VALUE, scopes: ["ai_gateway" as const], ...fields }];
  const { result } = await stores().secrets.create(await store(), { ...account(), body });
  const [secret] = result;
  if (!secret) throw new Error("no secret in the answer");
  return { ...secret, at: { ...account(), store_id: secret.store_id } };
}

test("an account has one store", async () => {
  const id = await store();
  expect(await stores().get(id, account())).toMatchObject({ id, name: "default_secrets_store" });
  const second = await refusal(stores().create({ ...account(), name: "another" }));
  expect(second).toEqual({ status: 400, code: 1003, message: "maximum_stores_exceeded" });
});

test("a value is written and never shown", async () => {
  const secret = await createSecret("written", { comment: "of a provider" });
  expect(secret).toMatchObject({ name: "written", status: "active", comment: "of a provider" });
  const read = await stores().secrets.get(secret.id, secret.at);
  const { result } = await stores().secrets.list(secret.store_id, account());
  const edited = await stores().secrets.edit(secret.id, { ...secret.at, value: "another-value" });
  const shown = JSON.stringify([secret, read, result, edited, cloudflare().objects()]);
  expect(shown).not.toContain(VALUE);
  expect(shown).not.toContain("another-value");
});

test("PATCH changes what it names and keeps the rest", async () => {
  const { id, at } = await createSecret("changed", { comment: "before" });
  await stores().secrets.edit(id, { ...at, scopes: ["ai_gateway", "workers"] });
  expect(await stores().secrets.get(id, at)).toMatchObject({
    name: "changed",
    comment: "before",
    scopes: ["ai_gateway", "workers"],
  });
});

test("a deleted secret is gone", async () => {
  const { id, at } = await createSecret("deleted");
  await stores().secrets.delete(id, at);
  expect(await refusal(stores().secrets.get(id, at))).toMatchObject({ status: 404, code: 1000 });
});

test("lists come in pages", async () => {
  const names = ["page-1", "page-2", "page-3"];
  for (const name of names) await createSecret(name);
  const found: string[] = [];
  for await (const { name } of stores().secrets.list(await store(), {
    ...account(),
    per_page: 2,
    search: "page-",
  }))
    found.push(name);
  expect(found).toEqual(names);
});

test.each([
  ["a name that is taken", { name: "taken" }, 1003],
  ["scopes out of order", { scopes: ["workers", "ai_gateway"] }, 1001],
  ["an unknown scope", { scopes: ["everything"] }, 1001],
  ["no scope", { scopes: [] }, 1001],
  ["a value over 64 KiB", { value: "x".repeat(64 * 1024 + 1) }, 1001],
  ["an empty value", { value: "" }, 1001],
])("%s is refused", async (_what, fields, code) => {
  if (code === 1003) await createSecret("taken");
  expect(await refusal(createSecret("refused", fields))).toMatchObject({ status: 400, code });
});

test("one secret by itself, not in an array, is refused", async () => {
  const path = `/secrets_store/stores/${await store()}/secrets`;
  const { status } = await api(cloudflare(), "POST", path, { name: "a", value: "b", scopes: ["workers"] });
  expect(status).toBe(400);
});

test("an unknown store is 404", async () => {
  expect(await refusal(stores().get("f".repeat(32), account()))).toMatchObject({ status: 404, code: 1000 });
});

test("reading takes Secrets Store Read, writing Secrets Store Write", async () => {
  const { id, at } = await createSecret("guarded");
  const { value } = await createToken(cloudflare(), "Secrets Store Read");
  const reader = sdk(cloudflare(), value).secretsStore.stores;
  expect((await reader.secrets.get(id, at)).name).toBe("guarded");
  expect(await refusal(reader.secrets.edit(id, { ...at, value: "x" }))).toMatchObject({
    status: 403,
    code: 10000,
  });
});

test("a store that holds secrets is deleted only by force", async () => {
  await createSecret("last");
  const id = await store();
  expect(await refusal(stores().delete(id, account()))).toMatchObject({ status: 400 });
  await stores().delete(id, { ...account(), force: true });
  expect(cloudflare().objects()).toMatchObject({ secretsStores: [], secrets: [] });
});
