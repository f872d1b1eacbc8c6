import type { TokenRecord } from "./records";

export interface PermissionGroup {
  id: string;
  name: string;
  scopes: string[];
}

const ACCOUNT = "com.cloudflare.api.account";

/** The permission groups that this account offers. Ids are the real ones, which are the same for every account. */
export const PERMISSION_GROUPS: readonly PermissionGroup[] = [
  { id: "644535f4ed854494a59cb289d634b257", name: "AI Gateway Run", scopes: [ACCOUNT] },
  { id: "4dc8917b4b40457d88d3035d5dadb054", name: "AI Gateway Read", scopes: [ACCOUNT] },
  { id: "6c8a3737f07f46369c1ea1f22138daaf", name: "AI Gateway Write", scopes: [ACCOUNT] },
  { id: "eb56a6953c034b9d97dd838155666f06", name: "Account API Tokens Read", scopes: [ACCOUNT] },
  { id: "5bc3f8b21c554832afc660159ab75fa4", name: "Account API Tokens Write", scopes: [ACCOUNT] },
  { id: "c1fde68c7bcc44588cbb6ddbc16d6480", name: "Account Settings Read", scopes: [ACCOUNT] },
  { id: "5e33b7d77788455c9fdf18cbd38ee5a0", name: "Secrets Store Read", scopes: [ACCOUNT] },
  { id: "adc8fa2bc6124928a8b3314dc63a1235", name: "Secrets Store Write", scopes: [ACCOUNT] },
  { id: "a92d2450e05d4e7bb7d0a64968f83d11", name: "Workers AI Read", scopes: [ACCOUNT] },
  { id: "1a71c399035b4950a1bd1466bbe4f420", name: "Workers Scripts Read", scopes: [ACCOUNT] },
  { id: "e086da7e2179491d91ee5f35b3ca210a", name: "Workers Scripts Write", scopes: [ACCOUNT] },
  { id: "28f4b596e7d643029c524985477ae49a", name: "Workers Routes Write", scopes: [`${ACCOUNT}.zone`] },
  { id: "c8fed203ed3043cba015a93ad1616f1f", name: "Zone Read", scopes: [`${ACCOUNT}.zone`] },
];

/** @throws when there is no such group: a misspelt permission must not look like a missing one. */
export function groupNamed(name: string): PermissionGroup {
  const group = PERMISSION_GROUPS.find((candidate) => candidate.name === name);
  if (group) return group;
  const known = PERMISSION_GROUPS.map((candidate) => candidate.name).join(", ");
  throw new Error(`There is no permission group "${name}" at the local Cloudflare. It knows: ${known}`);
}

/** Names of the groups that the token's policies allow and none denies. */
export function allowedGroups(token: TokenRecord): string[] {
  const namesOf = (effect: "allow" | "deny") =>
    token.policies
      .filter((policy) => policy.effect === effect)
      .flatMap((policy) => policy.permission_groups.map((group) => group.name));
  const denied = new Set(namesOf("deny"));
  return [...new Set(namesOf("allow"))].filter((name) => !denied.has(name)).sort();
}

/** Whether the token works: its status, and the times between which it is valid. */
function isActive(token: TokenRecord, at: number): boolean {
  if (token.status !== "active" || isExpired(token, at)) return false;
  return token.notBefore === undefined || Date.parse(token.notBefore) <= at;
}

function isExpired(token: TokenRecord, at: number): boolean {
  return token.expiresOn !== undefined && Date.parse(token.expiresOn) <= at;
}

/** The status as the API shows it. */
export function statusOf(token: TokenRecord, at: number): string {
  return isExpired(token, at) ? "expired" : token.status;
}

/** Whether the token works and holds one of these permission groups. None named: any working token will do. */
export function permits(token: TokenRecord, anyOf: readonly string[], at: number): boolean {
  if (!isActive(token, at)) return false;
  const allowed = allowedGroups(token);
  return anyOf.length === 0 || anyOf.some((name) => allowed.includes(name));
}
