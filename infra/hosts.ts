import * as pulumi from "@pulumi/pulumi";
import { type HostToken, heldToken } from "./cloudflare/host-tokens";
import type { EnabledProvider, StackConfig, StackHost } from "./config";
import type { TokenGenerations } from "./config/hosts";
import { type AppliedHost, type GuardArgs, lookAtHost, OpenClawHost } from "./host";
import { CutOffHost } from "./host/cut-off-host";
import { LEGACY_VARIABLES, legacyWarning } from "./host/legacy-env";
import { type OpenClawPatch, openclawPatch, providerIds, routeModelRef } from "./host/openclaw-config";
import { restoreKeys } from "./host/restore-keys";
import { type LlmProvider, otherKeyNames } from "./llm-providers";

/** A handshake takes a few round trips; a host that needs longer is as good as out of reach. */
const LOOK_TIMEOUT_MS = 3_000;

/**
 * Compares the SSH key of every host, and of its jump host, with the pinned one.
 *
 * @throws RunError naming every host that presents another key. One that cannot be reached is only reported: a preview
 * has to work without it, and `up` fails at that host anyway.
 */
export async function lookAtHosts(hosts: readonly StackHost[]): Promise<void> {
  const used = hosts.filter((host) => !isCutOff(host));
  const results = await Promise.allSettled(used.map((host) => look(host)));
  const refusals = results.flatMap((result) =>
    result.status === "rejected" ? [messageOf(result.reason)] : [],
  );
  if (refusals.length > 0) throw new pulumi.RunError(refusals.join("\n\n"));
}

async function look(host: StackHost): Promise<void> {
  refuseMissingAgent(host);
  if (host.look === false) return;
  const found = await lookAtHost(host, LOOK_TIMEOUT_MS);
  if (found === "matches") return;
  await pulumi.log.info(`host ${host.name} cannot be reached: ${found.unreachable}`);
}

/** Without one the engine would find out at the first host, after everything at Cloudflare was made. */
function refuseMissingAgent({ name, privateKey, jumpHost }: StackHost): void {
  const usesAgent = privateKey === undefined || (jumpHost !== undefined && jumpHost.privateKey === undefined);
  if (!usesAgent || process.env.SSH_AUTH_SOCK) return;
  throw new Error(
    `host ${name}: 'agent' is set, but there is no SSH agent (SSH_AUTH_SOCK is not set). ` +
      'Start one: eval "$(ssh-agent)" && ssh-add',
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface HostsArgs {
  readonly workerUrl: string;
  /** Those that the Worker accepts. */
  readonly hostTokens: readonly HostToken[];
  readonly dependsOn: readonly pulumi.Resource[];
}

/** A host that serves, and which of its tokens there are. */
export interface ServedHost extends AppliedHost {
  readonly tokenGenerations: TokenGenerations;
}

export interface Hosts {
  readonly openclawConfig: Partial<OpenClawPatch>;
  /** What was applied, by the host's name. */
  readonly applied: Readonly<Record<string, pulumi.Output<ServedHost>>>;
  /** The token that each of these hosts has. */
  readonly heldTokens: readonly HostToken[];
}

/**
 * Puts the same OpenClaw configuration on every host, each with its own token. An absent host is not mentioned at all:
 * the engine then deletes its guard, which restores it, at the end of the run.
 */
export function createHosts(config: StackConfig, { workerUrl, hostTokens, dependsOn }: HostsArgs): Hosts {
  const { providers: enabled, openclaw } = config;
  const providers = enabled.map(({ provider }) => provider);
  const patch = patchFor(config, providers);
  const gateModel = openclaw.primaryModel ?? defaultModel(config);
  if (openclaw.env === "legacy" && config.hosts.length > 0) void pulumi.log.warn(legacyWarning());
  const common = {
    ...settingsFor(config, providers),
    openclawPatch: patch,
    ...(config.restore.keys === "stack" ? { restoreKeys: keysOf(enabled) } : {}),
  };
  const options = { dependsOn: [...dependsOn] };

  for (const host of config.hosts.filter(isCutOff)) {
    const forgotten = host.state === "forgotten";
    new CutOffHost(`host-${host.name}`, { ...common, host, forgotten }, options);
  }
  const create = (host: StackHost, applyAfter: readonly Created[]): Created => {
    const component = new OpenClawHost(
      `host-${host.name}`,
      {
        ...common,
        host,
        workerUrl,
        hostToken: heldToken(host, hostTokens).value,
        ...(gateModel === undefined ? {} : { primaryModel: gateModel }),
        applyAfter: applyAfter.map(({ component }) => component.apply),
      },
      options,
    );
    return { host, component };
  };
  const present = config.hosts.filter(({ state }) => state === "present");
  const { canaries, others } = inTwoWaves(present);
  const first = canaries.map((host) => create(host, []));
  const created = [...first, ...others.map((host) => create(host, first))];
  return {
    openclawConfig: patch,
    applied: Object.fromEntries(created.map((one) => [one.host.name, served(one)])),
    heldTokens: present.map((host) => heldToken(host, hostTokens)),
  };
}

/** The stack's keys, whoever holds them; of a provider that is paid in another way there is none. */
function keysOf(enabled: readonly EnabledProvider[]): pulumi.Output<string> {
  const keys = enabled.flatMap(({ provider, apiKey, storedKey }) => {
    const key = apiKey ?? storedKey?.value;
    return key === undefined ? [] : [key.apply((value) => ({ provider, key: value }))];
  });
  return pulumi.secret(pulumi.all(keys).apply(restoreKeys));
}

interface Created {
  readonly host: StackHost;
  readonly component: OpenClawHost;
}

function served({ host: { tokenGenerations }, component }: Created): pulumi.Output<ServedHost> {
  return component.applied.apply((applied) => ({ ...applied, tokenGenerations }));
}

/** What is the same for every host. */
function settingsFor(
  { openclaw, stack }: StackConfig,
  providers: readonly LlmProvider[],
): Omit<GuardArgs, "host" | "openclawPatch"> {
  const legacy = openclaw.env === "legacy";
  return {
    stack,
    providerIds: legacy ? {} : providerIds(providers),
    acceptUnserved: openclaw.acceptUnserved,
    ...(openclaw.allowVersion === undefined ? {} : { allowVersion: openclaw.allowVersion }),
    variables: legacy ? LEGACY_VARIABLES : [],
    keyEnvNames: providers.flatMap((provider) => provider.keyEnvNames),
    otherKeyNames: otherKeyNames(providers),
    keyPatterns: providers.flatMap((provider) => provider.keyPattern ?? []),
  };
}

/** What `openclaw.json` gets; with `legacy` the environment says where the providers are. */
function patchFor(
  { openclaw, routes }: StackConfig,
  providers: readonly LlmProvider[],
): Partial<OpenClawPatch> {
  const { env, primaryModel, fallbacks, models } = openclaw;
  const patch = openclawPatch({
    providers,
    routes: routes.map(({ name }) => ({ name })),
    models,
    fallbacks,
    ...(primaryModel === undefined ? {} : { primaryModel }),
  });
  if (env === "config") return patch;
  return patch.agents ? { agents: patch.agents } : {};
}

/** The stack's first route always answers; `legacy` has no way to it. */
function defaultModel({ openclaw, routes }: StackConfig): string | undefined {
  return openclaw.env === "legacy" ? undefined : routeModelRef(routes[0].name);
}

/** Which hosts are changed first; the others follow when these answer. Without a canary, the first host is one. */
function inTwoWaves(hosts: readonly StackHost[]): { canaries: StackHost[]; others: StackHost[] } {
  const marked = hosts.filter(({ canary }) => canary);
  const canaries = marked.length > 0 ? marked : hosts.slice(0, 1);
  return { canaries, others: hosts.filter((host) => !canaries.includes(host)) };
}

/** Nobody connects to such a host. */
function isCutOff({ state }: StackHost): boolean {
  return state === "revoked" || state === "forgotten";
}
