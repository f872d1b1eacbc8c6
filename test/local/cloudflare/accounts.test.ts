import { createGateway, createToken, refusal, sdk, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });
const RUN = "644535f4ed854494a59cb289d634b257";

/** A token with other fields than `createToken` gives it. */
async function tokenWith(fields: object) {
  const { accountId } = cloudflare();
  const { id = "", value = "" } = await sdk(cloudflare()).accounts.tokens.create({
    account_id: accountId,
    name: "special",
    policies: [
      {
        effect: "allow",
        permission_groups: [{ id: RUN }],
        resources: { [`com.cloudflare.api.account.${accountId}`]: "*" },
      },
    ],
    ...fields,
  });
  return { id, value };
}

test("the account can be looked at with one of several permissions", async () => {
  const found = await sdk(cloudflare()).accounts.get(account());
  expect(found).toMatchObject({ id: cloudflare().accountId, type: "standard" });
  const { result } = await sdk(cloudflare()).accounts.list();
  expect(result.map(({ id }) => id)).toEqual([cloudflare().accountId]);

  const { value } = await createToken(cloudflare(), "AI Gateway Run");
  expect(await refusal(sdk(cloudflare(), value).accounts.get(account()))).toMatchObject({
    status: 403,
    code: 10000,
  });
});

test("another account is 7003", async () => {
  const foreign = sdk(cloudflare()).accounts.get({ account_id: "f".repeat(32) });
  expect(await refusal(foreign)).toMatchObject({ status: 404, code: 7003 });
});

describe("a token of the account", () => {
  test("is verified under the account and not under a user", async () => {
    const client = sdk(cloudflare());
    expect(await client.accounts.tokens.verify(account())).toMatchObject({ status: "active" });
    expect(await refusal(client.user.tokens.verify())).toMatchObject({ status: 401, code: 1000 });
  });

  test("shows its own policies to who may read tokens", async () => {
    const client = sdk(cloudflare());
    const { id } = await client.accounts.tokens.verify(account());
    const { policies = [] } = await client.accounts.tokens.get(id, account());
    const names = policies.flatMap(({ permission_groups }) => permission_groups.map(({ name }) => name));
    expect(names).toContain("AI Gateway Write");

    const run = await createToken(cloudflare(), "AI Gateway Run");
    const own = sdk(cloudflare(), run.value).accounts.tokens;
    expect(await own.verify(account())).toMatchObject({ id: run.id, status: "active" });
    expect(await refusal(own.get(run.id, account()))).toMatchObject({ status: 403, code: 10000 });
  });
});

describe("a token of a user", () => {
  const users = useLocalCloudflare({ apiTokenOwner: "user" });

  test("is verified under the user, and is none of the account's", async () => {
    const client = sdk(users());
    const { id, status } = await client.user.tokens.verify();
    expect(status).toBe("active");
    const at = { account_id: users().accountId };
    expect(await refusal(client.accounts.tokens.verify(at))).toMatchObject({ status: 401, code: 1000 });
    expect(await refusal(client.accounts.tokens.get(id, at))).toMatchObject({ status: 404 });
  });
});

describe("a token that has ended", () => {
  const past = { expires_on: "2020-01-01T00:00:00Z" };

  test.each([
    ["expired", () => tokenWith(past)],
    ["disabled", () => tokenWith({ status: "disabled" })],
    [
      "revoked (exposed)",
      async () => {
        const token = await tokenWith({});
        cloudflare().revokeToken(token.id);
        return token;
      },
    ],
  ])("is shown as %s, and opens neither API nor gateway", async (status, make) => {
    const { id, value } = await make();
    const own = sdk(cloudflare(), value);
    expect(await own.accounts.tokens.verify(account())).toMatchObject({ id, status });
    expect(await refusal(own.aiGateway.list(account()))).toMatchObject({ status: 403, code: 10000 });
    expect(await sdk(cloudflare()).accounts.tokens.get(id, account())).toMatchObject({ status });

    const gateway = await createGateway(cloudflare(), `ended-${status.replace(/[^a-z]/g, "")}`);
    const url = `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/${gateway}/openai/models`;
    const answer = await fetch(url, { headers: { "cf-aig-authorization": `Bearer ${value}` } });
    expect(answer.status).toBe(401);
  });
});

describe("a deploying token that has ended", () => {
  const ended = useLocalCloudflare({ apiTokenExpiresOn: "2020-01-01T00:00:00Z" });

  test("says so when it is verified", async () => {
    const at = { account_id: ended().accountId };
    expect(await sdk(ended()).accounts.tokens.verify(at)).toMatchObject({ status: "expired" });
    expect(await refusal(sdk(ended()).accounts.get(at))).toMatchObject({ status: 403 });
  });
});

test("the account's zones take Zone Read", async () => {
  expect(await refusal(sdk(cloudflare()).zones.list())).toMatchObject({ status: 403, code: 10000 });
});

describe("with Zone Read", () => {
  const zoned = useLocalCloudflare({ permissions: ["Zone Read"], zones: ["example.com", "example.net"] });

  test("zones are found by name", async () => {
    const { result } = await sdk(zoned()).zones.list({ name: "example.net" });
    expect(result).toEqual([expect.objectContaining({ name: "example.net", status: "active" })]);
  });
});
