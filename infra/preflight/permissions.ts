/** A permission group that the deploying token has to have. */
export interface NeededPermission {
  /** Its name in the dashboard and in the API. */
  readonly group: string;
  /** What it is needed for, as the end of "needed for …". */
  readonly purpose: string;
  /** A read, below the account, that is refused to a token that has nothing of the kind. */
  readonly probe: string;
}

/** What of the configuration decides about permissions. */
export interface NeedsPermissions {
  readonly access: "worker" | "direct";
  readonly runToken: { readonly value?: unknown };
  readonly providers: readonly { readonly storedKey?: unknown }[];
}

/** Probe of the Workers permission, which also tells the account's name at workers.dev. */
export const SUBDOMAIN_PROBE = "/workers/subdomain";

/** The permission groups that this configuration needs on its account. */
export function neededPermissions({ access, runToken, providers }: NeedsPermissions): NeededPermission[] {
  return [
    {
      group: "AI Gateway Write",
      purpose: "the gateway and its routes",
      probe: "/ai-gateway/gateways?per_page=1",
    },
    ...(access === "worker"
      ? [{ group: "Workers Scripts Write", purpose: "the Worker and its address", probe: SUBDOMAIN_PROBE }]
      : []),
    ...(runToken.value === undefined
      ? [
          {
            group: "Account API Tokens Write",
            purpose: "the run token, unless runToken.value is your own",
            probe: "/tokens/permission_groups?name=AI%20Gateway%20Run",
          },
        ]
      : []),
    ...(providers.some(({ storedKey }) => storedKey !== undefined)
      ? [
          {
            group: "Secrets Store Write",
            purpose: "provider keys with keyStore gateway or both",
            probe: "/secrets_store/stores?per_page=1",
          },
        ]
      : []),
  ];
}

/** What is known of a permission: a token that may not read its own policies can prove no more than that it may read. */
export type Verdict = "granted" | "missing" | "unproven";

/** The names of the groups that a token's policies allow on this account; undefined when they cannot be told. */
export function grantedGroups(token: unknown, accountId: string): ReadonlySet<string> | undefined {
  const policies = (token as { policies?: unknown } | undefined)?.policies;
  if (!Array.isArray(policies)) return undefined;
  const ofAccount = (policies as Policy[]).filter((policy) => covers(policy, accountId));
  const groups = (effect: string) =>
    ofAccount
      .filter((policy) => policy.effect === effect)
      .flatMap((policy) => policy.permission_groups?.flatMap(({ name }) => name ?? []) ?? []);
  const denied = new Set(groups("deny"));
  return new Set(groups("allow").filter((name) => !denied.has(name)));
}

interface Policy {
  readonly effect?: string;
  readonly permission_groups?: readonly { readonly name?: string }[];
  readonly resources?: Readonly<Record<string, unknown>>;
}

const ACCOUNT = "com.cloudflare.api.account.";

/** A policy without resources is one of an account's own token, which is good for that account. */
function covers({ resources }: Policy, accountId: string): boolean {
  const named = Object.entries(resources ?? {});
  if (named.length === 0) return true;
  return named.some(
    ([resource, scope]) => scope === "*" && [`${ACCOUNT}*`, ACCOUNT + accountId].includes(resource),
  );
}
