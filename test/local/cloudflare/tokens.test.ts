import { createToken, refusal, sdk, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });
const resources = () => ({ [`com.cloudflare.api.account.${cloudflare().accountId}`]: "*" as const });
const RUN = "644535f4ed854494a59cb289d634b257";

const body = (fields: object = {}) => ({
  ...account(),
  name: "openclaw-dev",
  policies: [{ effect: "allow" as const, permission_groups: [{ id: RUN }], resources: resources() }],
  ...fields,
});

test("permission groups are found by part of the name and by scope", async () => {
  const { permissionGroups } = sdk(cloudflare()).accounts.tokens;
  const scope = "com.cloudflare.api.account";
  const found = await permissionGroups.get({ ...account(), name: "AI Gateway Run", scope });
  expect(found).toEqual([expect.objectContaining({ id: RUN, name: "AI Gateway Run", scopes: [scope] })]);
  expect(await permissionGroups.get({ ...account(), name: "AI Gateway" })).toHaveLength(3);
  expect(
    await permissionGroups.get({ ...account(), name: "AI Gateway Run", scope: `${scope}.zone` }),
  ).toEqual([]);
});

test("the value is in the answer to create and nowhere else", async () => {
  const { tokens } = sdk(cloudflare()).accounts;
  const created = await tokens.create(body());
  expect(created.value).toMatch(/^[0-9A-Za-z_-]{40,80}$/);
  const id = created.id ?? "";
  const read = await tokens.get(id, account());
  expect(read).toMatchObject({ id, name: "openclaw-dev", status: "active" });
  expect(read.policies?.[0]).toMatchObject({ permission_groups: [{ id: RUN }], resources: resources() });
  const elsewhere = [read, await tokens.update(id, body({ name: "renamed" })), cloudflare().objects()];
  expect(JSON.stringify(elsewhere)).not.toContain(created.value);
  expect((await tokens.get(id, account())).name).toBe("renamed");
});

test("rolling gives a new value and ends the old one", async () => {
  const { id, value } = await createToken(cloudflare(), "AI Gateway Read");
  const fresh = await sdk(cloudflare()).accounts.tokens.value.update(id, account());
  expect(await sdk(cloudflare(), fresh).accounts.tokens.verify(account())).toMatchObject({
    id,
    status: "active",
  });
  const refused = await refusal(sdk(cloudflare(), value).accounts.tokens.verify(account()));
  expect(refused).toMatchObject({ status: 401, code: 1000 });
});

test("a token that is not valid yet opens nothing", async () => {
  const { value } = await sdk(cloudflare()).accounts.tokens.create(
    body({ not_before: "2999-01-01T00:00:00Z" }),
  );
  const own = sdk(cloudflare(), value);
  expect(await own.accounts.tokens.verify(account())).toMatchObject({ not_before: "2999-01-01T00:00:00Z" });
  expect(await refusal(own.accounts.tokens.permissionGroups.get(account()))).toMatchObject({ status: 403 });
});

test.each([
  [
    "a group that does not exist",
    () => ({ policies: [{ effect: "allow", permission_groups: [{ id: "nope" }], resources: resources() }] }),
  ],
  [
    "another account",
    () => ({
      policies: [
        {
          effect: "allow",
          permission_groups: [{ id: RUN }],
          resources: { "com.cloudflare.api.account.other": "*" },
        },
      ],
    }),
  ],
  [
    "resources as a string",
    () => ({ policies: [{ effect: "allow", permission_groups: [{ id: RUN }], resources: "{}" }] }),
  ],
  ["no policy", () => ({ policies: [] })],
  ["an overlong name", () => ({ name: "x".repeat(121) })],
])("%s is refused", async (_what, fields) => {
  expect(await refusal(sdk(cloudflare()).accounts.tokens.create(body(fields())))).toMatchObject({
    status: 400,
  });
});

test("a deleted token is gone", async () => {
  const { id } = await createToken(cloudflare(), "AI Gateway Run");
  const { tokens } = sdk(cloudflare()).accounts;
  expect(await tokens.delete(id, account())).toEqual({ id });
  expect(await refusal(tokens.get(id, account()))).toMatchObject({ status: 404 });
  expect(
    cloudflare()
      .objects()
      .tokens.map((token) => token.id),
  ).not.toContain(id);
});
