import * as pulumi from "@pulumi/pulumi";
import type { HostToken } from "./cloudflare/host-tokens";
import type { StackConfig } from "./config";
import { type AppliedHost, type HostConfig, lookAtHostKey, OpenClawHost } from "./host";
import { LEGACY_VARIABLES, legacyWarning } from "./host/legacy-env";
import { type OpenClawPatch, openclawPatch, providerIds, routeModelRef } from "./host/openclaw-config";
import type { LlmProvider } from "./llm-providers";

/** A handshake takes a few round trips; a host that needs longer is as good as out of reach. */
const LOOK_TIMEOUT_MS = 3_000;

/**
 * Compares every host's SSH key with the pinned one.
 *
 * @throws RunError naming every host that presents another key. One that cannot be reached is only reported: a preview
 * has to work without it, and `up` fails at that host anyway.
 */
export async function lookAtHosts(hosts: readonly HostConfig[]): Promise<void> {
  const looked = hosts.filter((host) => host.look !== false);
  const results = await Promise.allSettled(looked.map((host) => lookAtHost(host)));
  const refusals = results.flatMap((result) =>
    result.status === "rejected" ? [messageOf(result.reason)] : [],
  );
  if (refusals.length > 0) throw new pulumi.RunError(refusals.join("\n\n"));
}

async function lookAtHost(host: HostConfig): Promise<void> {
  const found = await lookAtHostKey(host, LOOK_TIMEOUT_MS);
  if (found === "matches") return;
  await pulumi.log.info(`host ${host.name} cannot be reached: ${found.unreachable}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface HostsArgs {
  readonly workerUrl: string;
  /** One for each host. */
  readonly hostTokens: readonly HostToken[];
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface Hosts {
  readonly openclawConfig: Partial<OpenClawPatch>;
  /** What was applied, by the host's name. */
  readonly applied: Readonly<Record<string, pulumi.Output<AppliedHost>>>;
}

/** Puts the same OpenClaw configuration on every host, each with its own token. */
export function createHosts(config: StackConfig, { workerUrl, hostTokens, dependsOn }: HostsArgs): Hosts {
  const { providers: enabled, openclaw, stack } = config;
  const providers = enabled.map(({ provider }) => provider);
  const patch = patchFor(config, providers);
  const gateModel = openclaw.primaryModel ?? defaultModel(config);
  if (openclaw.env === "legacy" && config.hosts.length > 0) void pulumi.log.warn(legacyWarning());
  const applied = config.hosts.map((host): [string, pulumi.Output<AppliedHost>] => {
    const component = new OpenClawHost(
      `host-${host.name}`,
      {
        stack,
        host,
        workerUrl,
        hostToken: tokenOf(host, hostTokens),
        openclawPatch: patch,
        ...(gateModel === undefined ? {} : { primaryModel: gateModel }),
        providerIds: openclaw.env === "legacy" ? {} : providerIds(providers),
        acceptUnserved: openclaw.acceptUnserved,
        ...(openclaw.allowVersion === undefined ? {} : { allowVersion: openclaw.allowVersion }),
        variables: openclaw.env === "legacy" ? LEGACY_VARIABLES : [],
        keyEnvNames: providers.flatMap((provider) => provider.keyEnvNames),
        keyPatterns: providers.flatMap((provider) => provider.keyPattern ?? []),
      },
      { dependsOn: [...dependsOn] },
    );
    return [host.name, component.applied];
  });
  return { openclawConfig: patch, applied: Object.fromEntries(applied) };
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

function tokenOf(host: HostConfig, tokens: readonly HostToken[]): pulumi.Output<string> {
  const token = tokens.find((candidate) => candidate.host === host.name);
  if (token === undefined) throw new Error(`There is no token for host ${host.name}.`);
  return token.value;
}
