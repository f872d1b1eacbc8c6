import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";
import { expiryWarning } from "../config/run-token";
import { Drain, type OpenClawProvider, RunTokenTrial } from "../pulumi-provider/resources";

/** Lets its holder send requests through the account's authenticated gateways. */
export const AI_GATEWAY_RUN = "AI Gateway Run";
/** Lets its holder use the models of Workers AI. */
export const WORKERS_AI_READ = "Workers AI Read";

const ACCOUNT_SCOPE = "com.cloudflare.api.account";

/** Another one for each access: the Worker's token is never one that a host has had. */
export function runTokenName({ access, worker }: Pick<StackConfig, "access" | "worker">): string {
  return access === "direct" ? `${worker.name} direct` : worker.name;
}

/** What the drain takes for the token in use where the operator supplies it. */
const OPERATORS_OWN = "runToken.value";

export interface RunTokenArgs {
  readonly accountId: string;
  /** The token's name in the dashboard; a rotation label is put behind it. */
  readonly tokenName: string;
  /** Whether requests can reach Workers AI, by a route or as `workers-ai/@cf/…`. */
  readonly usesWorkersAi: boolean;
  readonly settings: StackConfig["runToken"];
  /** Address of the gateway, with account and id. */
  readonly gatewayUrl: pulumi.Input<string>;
  /** The project's own provider, for the trial. */
  readonly provider: OpenClawProvider;
}

/**
 * The token that is shown to the gateway. An account cannot limit it to one gateway: its holder can use every gateway of
 * the account, so it is held by the Worker alone, unless hosts call the gateway themselves.
 *
 * Another `rotation` label makes another token, in this order: the new token is made and tried, whoever uses `value`
 * gets it, `drain` waits, and then the engine deletes the old one.
 */
export class RunToken extends pulumi.ComponentResource {
  /** Undefined when the operator supplies a token. */
  readonly token: cloudflare.AccountToken | undefined;
  /** Secret. Known once the gateway has accepted it. */
  readonly value: pulumi.Output<string>;
  /** For whoever uses the token without being given `value`. Not the component: that waits for its users, in `drain`. */
  readonly trial: pulumi.Resource;
  readonly #args: RunTokenArgs;
  readonly #name: string;

  constructor(name: string, args: RunTokenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("openclaw-ai-gateway:cloudflare:RunToken", name, {}, opts);
    this.#args = args;
    this.#name = name;
    const { settings, gatewayUrl, provider } = args;
    this.token = settings.value === undefined ? this.#create() : undefined;
    const trial = new RunTokenTrial(
      `${name}-token-trial`,
      { gatewayUrl, token: settings.value ?? this.token?.value ?? "" },
      { parent: this, provider },
    );
    this.trial = trial;
    this.value = pulumi.secret(trial.token);
    const warning = expiryWarning(settings.expiresOn);
    if (warning !== undefined) void pulumi.log.warn(warning, this);
    this.registerOutputs({ value: this.value });
  }

  /**
   * Keeps a token that this run replaces, by another one or by the operator's own, until requests that carry it have
   * ended. Its users have to be named: they go first.
   */
  drain(users: readonly pulumi.Resource[]): void {
    const { provider, settings } = this.#args;
    new Drain(
      `${this.#name}-token-drain`,
      { of: this.token?.id ?? OPERATORS_OWN, seconds: settings.drainSeconds },
      { parent: this, provider, dependsOn: [...users] },
    );
  }

  #create(): cloudflare.AccountToken {
    const { accountId, tokenName, settings } = this.#args;
    const permissionGroups = permissionGroupIds(accountId, permissionsOf(this.#args), this);
    return new cloudflare.AccountToken(
      `${this.#name}-token`,
      {
        accountId,
        name: settings.rotation === undefined ? tokenName : `${tokenName} ${settings.rotation}`,
        ...(settings.expiresOn === undefined ? {} : { expiresOn: settings.expiresOn }),
        policies: [
          {
            effect: "allow",
            permissionGroups: permissionGroups.apply((ids) => ids.map((id) => ({ id }))),
            // Compact, as the API gives it back: the provider compares the texts.
            resources: JSON.stringify({ [`${ACCOUNT_SCOPE}.${accountId}`]: "*" }),
          },
        ],
      },
      // A token's value never changes; only another token has another one.
      { parent: this, replaceOnChanges: ["name"] },
    );
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
