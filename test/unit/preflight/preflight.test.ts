import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../infra/config";
import { preflight } from "../../../infra/preflight";
import { ACCOUNT, ALL_IS_WELL, type Answer, type FakeApi, startFakeApi } from "./fake-api";

const TOKEN = "t".repeat(40);
const account = `/accounts/${ACCOUNT}`;
const REFUSED: Answer = { status: 403, code: 10000, message: "Authentication error" };

let api: FakeApi;
let info: jest.SpyInstance;

beforeAll(async () => {
  api = await startFakeApi();
});

afterAll(() => api.close());

beforeEach(() => {
  api.answers = { ...ALL_IS_WELL };
  api.asked.length = 0;
  info = jest.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
});

afterEach(() => info.mockRestore());

const check = (config: Partial<StackConfig> = {}) =>
  preflight(
    {
      access: "worker",
      accountId: ACCOUNT,
      baseUrl: api.baseUrl,
      runToken: { drainSeconds: 0 },
      providers: [],
      ...config,
    } as StackConfig,
    TOKEN,
  );

/** A policy that allows these groups on one account, or on all of the token's. */
const allow = (groups: string[], resource = `com.cloudflare.api.account.${ACCOUNT}`, effect = "allow") => ({
  effect,
  permission_groups: groups.map((name) => ({ id: name, name })),
  resources: { [resource]: "*" },
});
const NEEDED = ["AI Gateway Write", "Workers Scripts Write", "Account API Tokens Write"];
const readable = (...policies: object[]) => {
  api.answers[`${account}/tokens/t1`] = { result: { id: "t1", policies } };
};

test("every call carries the token, and the account's name at workers.dev is found on the way", async () => {
  expect(await check()).toMatchObject({ workersSubdomain: "acme" });
  expect(new Set(api.asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
});

test("a token that may read its own policies proves its permissions, without a word", async () => {
  readable(allow(NEEDED));
  await check();
  expect(info).not.toHaveBeenCalled();
});

test("a key that is stored at the gateway needs the Secrets Store", async () => {
  readable(allow(NEEDED));
  const storedKey = { alias: "default", value: pulumi.output("sk-x") };
  const config = { providers: [{ storedKey }] } as unknown as Partial<StackConfig>;
  await expect(check(config)).rejects.toThrow("Secrets Store Write");
  readable(allow([...NEEDED, "Secrets Store Write"]));
  await check(config);
});

test("one that may not is said to be unproven, in one line", async () => {
  await check();
  expect(info.mock.calls).toEqual([[expect.stringContaining(NEEDED.join(", "))]]);
});

test("a user's token is known at the user's address", async () => {
  delete api.answers[`${account}/tokens/verify`];
  api.answers["/user/tokens/verify"] = { result: { id: "u1", status: "active" } };
  api.answers["/user/tokens/u1"] = { result: { policies: [allow(NEEDED, "com.cloudflare.api.account.*")] } };
  await check();
  expect(info).not.toHaveBeenCalled();
});

test("a run token of the operator's own needs no permission to write tokens", async () => {
  readable(allow(["AI Gateway Write", "Workers Scripts Write"]));
  const own = { drainSeconds: 0, value: pulumi.secret("own"), expiresOn: undefined };
  await check({ runToken: own as StackConfig["runToken"] });
  expect(api.asked.map(({ path }) => path)).not.toContain(`${account}/tokens/permission_groups`);
});

describe("what is missing is named, all of it", () => {
  const missing = (...groups: string[]) => groups.map((group) => `- ${group} \\(for `).join("[^]*");

  test.each<[string, object[], string[]]>([
    ["nothing but reading", [allow(["AI Gateway Read"])], NEEDED],
    ["one of three", [allow(NEEDED.slice(0, 2))], ["Account API Tokens Write"]],
    [
      "everything, on another account",
      [allow(NEEDED, `com.cloudflare.api.account.${"f".repeat(32)}`)],
      NEEDED,
    ],
    [
      "denied again",
      [allow(NEEDED), allow(["Workers Scripts Write"], undefined, "deny")],
      ["Workers Scripts Write"],
    ],
  ])("by its own policies: %s", async (_, policies, groups) => {
    readable(...policies);
    const error = check();
    await expect(error).rejects.toThrow(new RegExp(missing(...groups)));
    await expect(error).rejects.toThrow(/pulumi config set --secret cloudflare:apiToken/);
  });

  test("by what it may not even read", async () => {
    api.answers[`${account}/ai-gateway/gateways`] = REFUSED;
    api.answers[`${account}/workers/subdomain`] = REFUSED;
    await expect(check()).rejects.toThrow(new RegExp(missing("AI Gateway Write", "Workers Scripts Write")));
    expect(info).not.toHaveBeenCalled();
  });
});

test("a token that Cloudflare does not know", async () => {
  api.answers = {};
  await expect(check()).rejects.toThrow(
    /does not accept the deploying token.*401 Invalid API Token\. Set a valid/,
  );
});

test.each(["expired", "disabled"])("a token that is %s", async (status) => {
  api.answers[`${account}/tokens/verify`] = { result: { id: "t1", status } };
  await expect(check()).rejects.toThrow(`is ${status}`);
});

test("an account that is not there", async () => {
  api.answers[`${account}/ai-gateway/gateways`] = { status: 404, code: 7003 };
  await expect(check()).rejects.toThrow(/no account 0123.*pulumi config set accountId/);
});

test("an account without a name at workers.dev is found to have none", async () => {
  api.answers[`${account}/workers/subdomain`] = { status: 404, code: 10007 };
  expect(await check()).toMatchObject({ workersSubdomain: undefined });
});

test("no API at that address", async () => {
  const gone = await startFakeApi();
  await gone.close();
  await expect(check({ baseUrl: gone.baseUrl })).rejects.toThrow(/cannot be reached at http.*ECONNREFUSED/);
});

test("errors are Pulumi's own kind, shown without a stack trace, and never hold the token", async () => {
  api.answers = {};
  const error: unknown = await check().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(pulumi.RunError);
  expect(String(error)).not.toContain(TOKEN);
});
