import { fieldOf } from "../../infra/host/payload";
import { type HostInState, type HostStatus, hostsInState } from "../../infra/stack-status";
import { askHost } from "./ask-host";
import { type ConfiguredHost, configuredHosts } from "./configured-hosts";
import type { EngineRun } from "./engine-run";
import { type HostAfterRun, hostLines } from "./host-lines";
import type { OperatorStack } from "./operator-stack";

/** The hosts around a run of the engine. */
export interface HostsOfRun {
  /** Those in the state before it: one that is put back is in it no more. */
  readonly before: readonly HostInState[];
  /** Those in the state after it. */
  readonly after: readonly HostInState[];
  /** Those that are to be on the gateway; undefined when the configuration has problems. */
  readonly present: readonly ConfiguredHost[] | undefined;
}

/**
 * The last lines of a command that ran the engine: which configuration each host serves now. Hosts are asked, also after
 * an interruption, which is when one may have been left half-way.
 *
 * @param before the hosts in the state before the run
 */
export async function lastLines(
  interrupted: OperatorStack,
  before: readonly HostInState[],
  { verb, outcomes }: EngineRun,
): Promise<string[]> {
  const stack = interrupted.uninterrupted();
  const after = hostsInState(await stack.exported());
  const present = verb === "destroy" ? [] : await configuredHosts(stack).catch(() => undefined);
  return hostLines(stack.name, await afterRun({ before, after, present }, outcomes, askHost));
}

/** Every host of the stack, by name. */
export async function afterRun(
  { before, after, present }: HostsOfRun,
  outcomes: EngineRun["outcomes"],
  ask: (host: HostInState) => Promise<HostStatus>,
): Promise<HostAfterRun[]> {
  const isIn = (hosts: readonly { name: string }[], name: string) => hosts.some((host) => host.name === name);
  const putBack = before.filter(({ name }) => !isIn(after, name));
  const inState = [...after, ...putBack];
  const asked = inState.map(async (host): Promise<HostAfterRun> => {
    const { name, server, stdin } = host;
    return {
      status: await ask(host),
      outcome: outcomes.get(name),
      leaves: isIn(putBack, name) || (present !== undefined && !isIn(present, name)),
      server,
      directory: fieldOf(stdin, "directory"),
    };
  });
  const neverSetUp = (present ?? [])
    .filter(({ name }) => !isIn(inState, name))
    .map(
      (host): HostAfterRun => ({
        status: { name: host.name, serving: "own", drift: [], notes: ["this stack has not set it up yet"] },
        outcome: outcomes.get(host.name),
        leaves: false,
        server: host,
        directory: host.directory,
      }),
    );
  const all = [...(await Promise.all(asked)), ...neverSetUp];
  return all.sort((a, b) => (a.status.name < b.status.name ? -1 : 1));
}
