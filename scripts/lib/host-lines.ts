import type { ReachableHost } from "../../infra/host/jump-host";
import { type HostStatus, isWell, OTHER_INPUT } from "../../infra/stack-status";
import type { Outcome } from "./engine-run";
import { wrap } from "./wrap";

/** A host after a run of the engine. */
export interface HostAfterRun {
  readonly status: HostStatus;
  /** What the run did to it; undefined when it did not get there. */
  readonly outcome: Outcome | undefined;
  readonly server: ReachableHost;
  readonly directory: string;
  /** It is to run on its own files now: its entry is absent or gone, or all of the stack is. */
  readonly leaves: boolean;
}

/** The widest of what is called serving. */
const WORD = 9;
const COLUMNS = 80;

/**
 * Which configuration each host serves, why, and below a host where something is wrong the command to look closer. No
 * line but such a command is longer than 80 columns.
 */
export function hostLines(stack: string, hosts: readonly HostAfterRun[]): string[] {
  if (hosts.length === 0) return [];
  const width = Math.max(4, ...hosts.map(({ status }) => status.name.length));
  const indent = " ".repeat(width + WORD + 4);
  const lines = hosts.flatMap((one) => {
    const { name } = one.status;
    const [first = "", ...more] = wrap(reasonFor(one), COLUMNS - indent.length);
    const row = `${name.padEnd(width)}  ${wordFor(one).padEnd(WORD)}  ${first}`.trimEnd();
    const closer = needsCloserLook(one) ? [`  ${closerLook(one)}`] : [];
    return [row, ...more.map((line) => indent + line), ...closer];
  });
  return [
    `${"host".padEnd(width)}  ${"serving".padEnd(WORD)}`.trimEnd(),
    ...lines,
    `To look closer: npm run status -- --stack ${stack}`,
    `                npm run doctor -- --stack ${stack}`,
  ];
}

/** `new` is what is configured now, `previous` what an earlier run put there. */
function wordFor({ status: { serving, notes }, outcome }: HostAfterRun): string {
  if (serving === "own") return "own files";
  if (serving !== "gateway") return serving;
  if (outcome === "done") return "new";
  return notes.some((note) => note.startsWith(OTHER_INPUT)) ? "gateway" : "previous";
}

function reasonFor(one: HostAfterRun): string {
  const { serving, drift, notes } = one.status;
  const found = [...drift, ...notes].join("; ");
  if (serving === "unknown" || serving === "cut off" || serving === "bypass") return found;
  return [doneThere(one), ...(found === "" ? [] : [found])].join("; ");
}

function doneThere({ outcome, leaves }: HostAfterRun): string {
  if (outcome === "done") return leaves ? "put back" : "as configured now";
  if (outcome === "failed") return leaves ? "putting it back failed" : "the change failed";
  return "this run did not change it";
}

/** The run may also have been declined: a host that it did not get to is as well as it was. */
function needsCloserLook({ status, outcome, leaves }: HostAfterRun): boolean {
  if (status.serving === "cut off") return false;
  if (outcome === "failed") return true;
  return status.serving === "own" ? !leaves && outcome === "done" : !isWell(status);
}

/** By hand, with the operator's own SSH configuration. */
function closerLook({ server, directory }: HostAfterRun): string {
  const folder = /^[\w./-]+$/.test(directory) ? directory : `'${directory}'`;
  return `${sshTo(server)} "cd ${folder} && docker compose logs -n 50"`;
}

function sshTo({ user, address, port, jumpHost }: ReachableHost): string {
  const way = jumpHost && `-J ${jumpHost.user}@${bracketed(jumpHost.address)}:${jumpHost.port}`;
  return ["ssh", way, port === 22 ? undefined : `-p ${port}`, `${user}@${address}`].filter(Boolean).join(" ");
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
