import * as pulumi from "@pulumi/pulumi";
import type { HostToken } from "./cloudflare/host-tokens";
import type { StackConfig } from "./config";
import { type AppliedHost, type HostConfig, lookAtHostKey, OpenClawHost } from "./host";
import { type OpenClawPatch, openclawPatch, routeModelRef } from "./host/openclaw-config";

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
  readonly openclawConfig: OpenClawPatch;
  /** What was applied, by the host's name. */
  readonly applied: Readonly<Record<string, pulumi.Output<AppliedHost>>>;
}

/** Puts the same OpenClaw configuration on every host, each with its own token. */
export function createHosts(config: StackConfig, { workerUrl, hostTokens, dependsOn }: HostsArgs): Hosts {
  const providers = config.providers.map(({ provider }) => provider);
  const [defaultRoute] = config.routes;
  const { primaryModel } = config.openclaw;
  const patch = openclawPatch({
    providers,
    routes: config.routes.map(({ name }) => ({ name })),
    ...(primaryModel === undefined ? {} : { primaryModel }),
  });
  const applied = config.hosts.map((host): [string, pulumi.Output<AppliedHost>] => {
    const component = new OpenClawHost(
      `host-${host.name}`,
      {
        stack: config.stack,
        host,
        workerUrl,
        hostToken: tokenOf(host, hostTokens),
        openclawPatch: patch,
        primaryModel: primaryModel ?? routeModelRef(defaultRoute.name),
        keyEnvNames: providers.flatMap((provider) => provider.keyEnvNames),
        keyPatterns: providers.flatMap((provider) => provider.keyPattern ?? []),
      },
      { dependsOn: [...dependsOn] },
    );
    return [host.name, component.applied];
  });
  return { openclawConfig: patch, applied: Object.fromEntries(applied) };
}

function tokenOf(host: HostConfig, tokens: readonly HostToken[]): pulumi.Output<string> {
  const token = tokens.find((candidate) => candidate.host === host.name);
  if (token === undefined) throw new Error(`There is no token for host ${host.name}.`);
  return token.value;
}
