import { remote, types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { HostDrift, type OpenClawProvider } from "../pulumi-provider/resources";
import { connectionTo } from "./connection";
import { type HostConfig, hostConfigProblems, hostIdentity } from "./host-config";
import type { OpenClawPatch } from "./openclaw-config";
import { hostCommand, hostStdin } from "./payload";
import { applyPayload, guardPayload } from "./payloads";
import { hostProgram } from "./program";

export type { HostConfig } from "./host-config";
export { HostKeyMismatch } from "./host-key";
export { lookAtHost } from "./jump-host";

/** How a host gets to the gateway. */
export type Access = "worker" | "direct";

/** What *guard* has to know. */
export interface GuardArgs {
  /** Name of the stack: with the host's name it marks what is ours on the host. */
  readonly stack: string;
  readonly host: HostConfig;
  /** Whom the host calls: the Worker, or the gateway itself. */
  readonly access: Access;
  /** What to change in `openclaw.json`. Holds no secret. */
  readonly openclawPatch: Partial<OpenClawPatch>;
  /** OpenClaw's own provider ids that the stack serves under another: `{ groq: "cf-groq" }`. */
  readonly providerIds: Readonly<Record<string, string>>;
  /** Models of the host's configuration that may be left without an answer. Default: none. */
  readonly acceptUnserved?: readonly string[];
  /** An OpenClaw version outside the tested range that is accepted. Default: none. */
  readonly allowVersion?: string;
  /** Further variables of the container, each the Worker's address or the host token. Default: none. */
  readonly variables?: readonly ContainerVariable[];
  /** Environment names under which the host may hold a key of an enabled provider. */
  readonly keyEnvNames: readonly string[];
  /** Environment names of keys of other providers: they stay, whatever their shape. Default: none. */
  readonly otherKeyNames?: readonly string[];
  /** OpenClaw's own ids of the enabled providers, under which it may have a key stored. Default: none. */
  readonly authProviders?: readonly string[];
  /** Shapes of the keys of the enabled providers. */
  readonly keyPatterns: readonly RegExp[];
  /**
   * Secret: keys that take the place of the host's own when its files are put back, as `restoreKeys` writes them.
   * Default: none, so the host gets its own back.
   */
  readonly restoreKeys?: pulumi.Input<string>;
}

/** What a look at the host has to know besides. */
export interface LookArgs extends GuardArgs {
  /** Origin of the Worker, without a final slash; with `direct` the address of the gateway, with account and id. */
  readonly url: string;
  /** Which of its tokens the host holds; with `direct` the label of the run token's rotation. */
  readonly tokenGeneration: number | string;
  /**
   * Model that has to give one real answer before a change counts as done, `<provider>/<model>`.
   * Left out: OpenClaw only has to become ready.
   */
  readonly primaryModel?: string;
}

export interface HostArgs extends LookArgs {
  /** What the host shows there: its host token, or the run token. A secret whether or not it is marked as one. */
  readonly token: pulumi.Input<string>;
  /** What was found to be changed there since the last apply: the host is applied again. */
  readonly drift: readonly string[];
  /** Of the drift's resource. */
  readonly provider: OpenClawProvider;
  /** Applies that this one waits for. No more than that: no host is kept from being put back by another one. */
  readonly applyAfter?: readonly remote.Command[];
}

/** A variable of OpenClaw's container. */
export interface ContainerVariable {
  readonly name: string;
  readonly value: "url" | "token";
}

/** One type for a host in every state: a part of the names under which its resources are in the stack's state. */
export const HOST_TYPE = "openclaw-ai-gateway:host:OpenClawHost";

/** Where the configuration was put. */
export interface AppliedHost {
  readonly address: string;
  readonly directory: string;
  readonly service: string;
}

/**
 * One VPS behind the gateway. Two commands over SSH: *guard* checks the host when it is made and puts the host's own files
 * back when it is deleted, *apply* writes the configuration. Two, because a create that fails or is cut off leaves no
 * state: with one alone, a host changed half-way would be unknown to `pulumi destroy`.
 *
 * `opts.dependsOn` has to name every resource that the host's requests need, so that destroy restores the host first.
 */
export class OpenClawHost extends pulumi.ComponentResource {
  /** What was applied; known once the host runs on it. */
  readonly applied: pulumi.Output<AppliedHost>;
  readonly apply: remote.Command;

  constructor(name: string, args: HostArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(HOST_TYPE, name, {}, opts);
    refuseBadHost(args.host, this);

    const seal = createSeal(name, this);
    const guard = createGuard(name, args, seal, {
      parent: this,
      // A component's own `dependsOn` does not reach its children.
      ...(opts.dependsOn ? { dependsOn: opts.dependsOn } : {}),
      hooks: { afterCreate: [sayWhatDependsOnState(name, args, this)] },
    });
    const { provider, drift } = args;
    const { epoch } = new HostDrift(`${name}-drift`, { drift }, { parent: this, provider });
    this.apply = createApply(
      name,
      args,
      { seal, epoch },
      {
        parent: this,
        dependsOn: [guard, ...(args.applyAfter ?? [])],
      },
    );

    const { address, directory, service } = args.host;
    this.applied = this.apply.id.apply(() => ({ address, directory, service }));
    this.registerOutputs({ applied: this.applied });
  }
}

function refuseBadHost(host: HostConfig, component: pulumi.Resource): void {
  const problems = hostConfigProblems(host);
  if (problems.length > 0)
    throw new pulumi.ResourceError(`host ${host.name}: ${problems.join("; ")}`, component);
}

/** Once for each host: before its first apply, and in no later run. */
function sayWhatDependsOnState(
  name: string,
  { host, stack }: HostArgs,
  component: pulumi.Resource,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-depends-on-state`, async () => {
    await pulumi.log.info(
      `host ${host.name}: its own files are sealed there with a pass phrase that is in this stack's state alone. ` +
        "Without the state, or what decrypts it, nobody can put them back. Keep a copy that can: " +
        `npm run recovery-kit -- --stack ${stack} --recipient age1… --out ${stack}.age`,
      component,
    );
  });
}

/** Pass phrase of the sealed originals on the host. Stays the same while anything is sealed. */
export function createSeal(name: string, parent: pulumi.Resource): random.RandomPassword {
  return new random.RandomPassword(
    `${name}-seal`,
    { length: 64, special: false },
    { parent, ignoreChanges: ["length", "special"] },
  );
}

type CommandOptions = Pick<pulumi.CustomResourceOptions, "parent" | "dependsOn">;
type GuardOptions = CommandOptions &
  Pick<pulumi.CustomResourceOptions, "ignoreChanges" | "retainOnDelete" | "hooks">;

/** Delete runs with the stdin of the state: with the program that was applied, not the one of today. */
export function createGuard(
  name: string,
  args: GuardArgs,
  seal: random.RandomPassword,
  opts: GuardOptions,
): remote.Command {
  const stdin = pulumi
    .all([seal.result, args.restoreKeys ?? ""])
    .apply(([phrase, keys]) => hostStdin(hostProgram(), guardPayload(args, phrase, keys)));
  const preflight = hostCommand("preflight");
  const commands = { create: preflight, update: preflight, delete: hostCommand("restore") };
  return createCommand(`${name}-guard`, args.host, { ...commands, stdin }, opts);
}

function createApply(
  name: string,
  args: HostArgs,
  { seal, epoch }: { seal: random.RandomPassword; epoch: pulumi.Output<number> },
  opts: CommandOptions,
): remote.Command {
  const stdin = pulumi
    .all([seal.result, args.token, epoch])
    .apply(([phrase, token, count]) =>
      hostStdin(hostProgram(), applyPayload(args, { seal: phrase, token, epoch: count })),
    );
  const apply = hostCommand("apply");
  return createCommand(`${name}-apply`, args.host, { create: apply, update: apply, stdin }, opts);
}

type Commands = Pick<remote.CommandArgs, "create" | "update" | "delete"> & { stdin: pulumi.Output<string> };

function createCommand(
  name: string,
  host: HostConfig,
  { stdin, ...commands }: Commands,
  opts: GuardOptions,
): remote.Command {
  return new remote.Command(
    name,
    {
      ...commands,
      stdin: pulumi.secret(stdin),
      connection: connectionTo(host),
      // A changed address alone would be an update: the new machine is set up, the old one never restored.
      triggers: hostIdentity(host),
      // Output of the command goes through a scanner that hangs on long lines; the environment needs AcceptEnv.
      logging: types.enums.remote.Logging.None,
      addPreviousOutputInEnv: false,
    },
    {
      ...opts,
      // The other order would run the old restore after the new apply.
      deleteBeforeReplace: true,
      additionalSecretOutputs: ["stdout", "stderr"],
    },
  );
}
