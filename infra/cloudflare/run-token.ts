import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

/** Lets its holder send requests through the account's authenticated gateways. */
export const AI_GATEWAY_RUN = "AI Gateway Run";
/** Lets its holder use the models of Workers AI. */
export const WORKERS_AI_READ = "Workers AI Read";

const ACCOUNT_SCOPE = "com.cloudflare.api.account";

export interface RunTokenArgs {
  readonly accountId: string;
  /** The token's name in the dashboard. */
  readonly tokenName: string;
  /** Whether requests can reach Workers AI, by a route or as `workers-ai/@cf/…`. */
  readonly usesWorkersAi: boolean;
}

/**
 * The token that the Worker shows to the gateway. An account cannot limit it to one gateway: its holder can use every
 * gateway of the account, so it is held by the Worker alone.
 */
export class RunToken extends pulumi.ComponentResource {
  readonly token: cloudflare.AccountToken;
  /** Secret. */
  readonly value: pulumi.Output<string>;

  constructor(name: string, args: RunTokenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("openclaw-ai-gateway:cloudflare:RunToken", name, {}, opts);
    const { accountId, tokenName } = args;
    const permissionGroups = permissionGroupIds(accountId, permissionsOf(args), this);
    this.token = new cloudflare.AccountToken(
      `${name}-token`,
      {
        accountId,
        name: tokenName,
        policies: [
          {
            effect: "allow",
            permissionGroups: permissionGroups.apply((ids) => ids.map((id) => ({ id }))),
            // Compact, as the API gives it back: the provider compares the texts.
            resources: JSON.stringify({ [`${ACCOUNT_SCOPE}.${accountId}`]: "*" }),
          },
        ],
      },
      { parent: this },
    );
    this.value = pulumi.secret(this.token.value);
    this.registerOutputs({ value: this.value });
  }
}

function permissionsOf({ usesWorkersAi }: RunTokenArgs): string[] {
  return usesWorkersAi ? [AI_GATEWAY_RUN, WORKERS_AI_READ] : [AI_GATEWAY_RUN];
}

/** Ids of the groups, ascending: in any other order the provider sees a change at every run (its issue 5548). */
function permissionGroupIds(
  accountId: string,
  names: readonly string[],
  parent: pulumi.Resource,
): pulumi.Output<string[]> {
  const ids = names.map((name) =>
    cloudflare
      .getAccountApiTokenPermissionGroupsListOutput({ accountId, name, scope: ACCOUNT_SCOPE }, { parent })
      .apply(({ results }) => groupIdOf(name, results)),
  );
  return pulumi.all(ids).apply((found) => [...found].sort());
}

/**
 * The id of the group of exactly this name: the look-up may also answer with groups whose name only contains it.
 *
 * @throws RunError naming the group when it is not among them
 */
export function groupIdOf(name: string, groups: readonly { id: string; name: string }[]): string {
  const group = groups.find((candidate) => candidate.name === name);
  if (group !== undefined) return group.id;
  const others = groups.map((candidate) => `'${candidate.name}'`).join(", ") || "none";
  throw new pulumi.RunError(
    `Cloudflare has no permission group named '${name}' (found: ${others}). The deploying token needs ` +
      "'Account API Tokens Write' to see the groups and to create the run token.",
  );
}
