import { endpoints } from "../../../scripts/local/cloudflare/control-plane/endpoints";
import { allowedGroups, PERMISSION_GROUPS } from "../../../scripts/local/cloudflare/store/permissions";
import { createToken, useLocalCloudflare } from "./support";

// Every call that is served, with a token that may do everything but that.

const cloudflare = useLocalCloudflare({ permissions: PERMISSION_GROUPS.map(({ name }) => name) });
const guarded = endpoints.filter(({ permissions }) => permissions.length > 0);

/** The call with this token, for objects that are not there. */
async function call({ method, path, root }: (typeof endpoints)[number], token: string) {
  const { apiUrl, accountId } = cloudflare();
  const filled = `${root ? "" : "/accounts/:account"}${path}`
    .replace(":account", accountId)
    .replace(/:\w+/g, "none");
  const response = await fetch(apiUrl + filled, { method, headers: { authorization: `Bearer ${token}` } });
  const { errors = [] } = (await response.json()) as { errors?: { code: number }[] };
  return { status: response.status, code: errors[0]?.code };
}

test("only the verification of a token needs no permission", () => {
  const open = endpoints.filter(({ permissions }) => permissions.length === 0).map(({ path }) => path);
  expect(open).toEqual(["/tokens/verify", "/user/tokens/verify"]);
});

test("every permission that a call needs exists", () => {
  const known = PERMISSION_GROUPS.map(({ name }) => name);
  for (const { permissions } of guarded) expect(known).toEqual(expect.arrayContaining([...permissions]));
});

test.each(guarded.map((endpoint) => [endpoint.method, endpoint.path, endpoint] as const))(
  "%s %s is 403/10000 without its permission, and goes on with it",
  async (_method, _path, endpoint) => {
    const [needed = ""] = endpoint.permissions;
    const others = PERMISSION_GROUPS.filter(({ name }) => !endpoint.permissions.includes(name));
    const without = await createToken(cloudflare(), ...others.map(({ name }) => name));
    expect(await call(endpoint, without.value)).toEqual({ status: 403, code: 10000 });
    const allowed = await createToken(cloudflare(), needed);
    expect(await call(endpoint, allowed.value)).not.toMatchObject({ status: 403 });
  },
);

describe("what is not there is refused by what it hangs below:", () => {
  test.each([
    ["GET", "/ai-gateway/gateways/:gateway/routes/:route", 7002],
    ["POST", "/ai-gateway/gateways/:gateway/routes", 7002],
    ["POST", "/ai-gateway/gateways/:gateway/provider_configs", 7002],
    ["DELETE", "/ai-gateway/gateways/:gateway", 7002],
    ["GET", "/workers/scripts/:script/settings", 10007],
    ["GET", "/workers/services/:script", 10007],
    ["GET", "/workers/scripts/:script/subdomain", 10007],
    ["GET", "/secrets_store/stores/:store/secrets", 1000],
    ["GET", "/tokens/:token", 1003],
  ])("%s %s", async (method, path, code) => {
    const endpoint = endpoints.find((one) => one.method === method && one.path === path);
    if (!endpoint) throw new Error(`${method} ${path} is not served`);
    expect(await call(endpoint, cloudflare().apiToken)).toMatchObject({ code });
  });
});

test("a policy that denies wins over one that allows", () => {
  const group = (name: string) => ({ id: name, name });
  const policy = (effect: "allow" | "deny", name: string) => ({
    id: "1",
    effect,
    permission_groups: [group(name)],
    resources: {},
  });
  const policies = [policy("allow", "A"), policy("allow", "B"), policy("deny", "A")];
  const at = "2026-01-01T00:00:00Z";
  const token = {
    id: "1",
    name: "t",
    status: "active" as const,
    issuedOn: at,
    modifiedOn: at,
    valueSince: 0,
    policies,
  };
  expect(allowedGroups(token)).toEqual(["B"]);
});
