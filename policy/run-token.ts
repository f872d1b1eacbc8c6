import { AccountToken } from "@pulumi/cloudflare";
import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";

/** Ids of permission groups are the same for every account. */
const ALLOWED: Readonly<Record<string, string>> = {
  "644535f4ed854494a59cb289d634b257": "AI Gateway Run",
  a92d2450e05d4e7bb7d0a64968f83d11: "Workers AI Read",
};

const permissions: ResourceValidationPolicy = {
  name: "run-token-permissions",
  description:
    "A token that the stack makes may use gateways and Workers AI of one account, and nothing else.",
  enforcementLevel: "mandatory",
  validateResource: validateResourceOfType(AccountToken, ({ accountId, policies }, _, report) => {
    const names = Object.values(ALLOWED).join(" and ");
    for (const { effect, permissionGroups, resources } of policies) {
      if (effect !== "allow") continue;
      const others = permissionGroups.map(({ id }) => id).filter((id) => !Object.hasOwn(ALLOWED, id));
      if (others.length > 0)
        report(`It has more permissions than ${names}: the groups ${others.join(", ")}. Take them away.`);
      const scopes = Object.keys(JSON.parse(resources) as object);
      const foreign = scopes.filter((scope) => scope !== `com.cloudflare.api.account.${accountId}`);
      if (foreign.length > 0) report(`It reaches more than its account: ${foreign.join(", ")}.`);
    }
  }),
};

const expires: ResourceValidationPolicy = {
  name: "run-token-expires",
  description: "A token that the stack makes has an end.",
  enforcementLevel: "advisory",
  validateResource: validateResourceOfType(AccountToken, ({ expiresOn }, _, report) => {
    if (expiresOn !== undefined) return;
    report("It never expires. Set an end: pulumi config set --path runToken.expiresOn 2030-01-31T00:00:00Z.");
  }),
};

export const runTokenPolicies = [permissions, expires];
