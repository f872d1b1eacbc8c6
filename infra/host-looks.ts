import * as pulumi from "@pulumi/pulumi";
import type { StackConfig, StackHost } from "./config";
import { lookAtHost } from "./host";
import { refuseMissingAgent } from "./host/connection";
import { HOST_LOOK_SECONDS } from "./host/host-config";
import { lookAt } from "./host/look";
import type { HostLook } from "./host/report";
import { isCutOff, settingsOf } from "./host-settings";

/** What was found, by the host's name. */
export type HostLooks = ReadonlyMap<string, HostLook>;

/**
 * Looks at every host that is connected to, all at once: whether it has the pinned key, and so its jump host; what
 * somebody changed there; what this run would change.
 *
 * @throws RunError naming every host that presents another key. One that cannot be looked at is only reported: a
 * preview has to work without it, and `up` fails at that host anyway.
 */
export async function lookAtHosts(config: StackConfig, url: Promise<string>): Promise<HostLooks> {
  const used = config.hosts.filter((host) => !isCutOff(host));
  const results = await Promise.allSettled(used.map((host) => look(config, host, url)));
  const refusals = results.flatMap((result) =>
    result.status === "rejected" ? [messageOf(result.reason)] : [],
  );
  if (refusals.length > 0) throw new pulumi.RunError(refusals.join("\n\n"));
  return new Map(results.flatMap((result) => (result.status === "fulfilled" && result.value) || []));
}

type Found = [name: string, look: HostLook][];

async function look(config: StackConfig, host: StackHost, url: Promise<string>): Promise<Found> {
  refuseMissingAgent(host);
  if (host.look === false) return [];
  if (host.state === "present") {
    return [[host.name, await lookAt(settingsOf(config, host), { url })]];
  }
  const found = await lookAtHost(host, (host.lookSeconds ?? HOST_LOOK_SECONDS) * 1_000);
  if (found !== "matches")
    await pulumi.log.info(`host ${host.name} cannot be looked at: ${found.unreachable}`);
  return [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
