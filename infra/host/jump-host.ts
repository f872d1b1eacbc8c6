import type { Duplex } from "node:stream";
import type { SshServer } from "./connection";
import { type HostKeyLook, lookAtHostKey } from "./host-key";
import { type CommandResult, forward, logInTo, runCommand } from "./ssh";

/** A host, with the server on the way to it. */
export interface ReachableHost extends SshServer {
  readonly name: string;
  readonly jumpHost?: SshServer | undefined;
}

/** A command, its input, and how long it may take, in milliseconds. */
export interface RemoteCommand {
  readonly command: string;
  readonly stdin: string;
  readonly limitMs: number;
}

type Unreachable = Exclude<HostKeyLook, "matches">;

/**
 * {@link lookAtHostKey} of a host, through its jump host where it has one. That one's own key is looked at first, and
 * nobody logs in there unless it is the pinned one.
 *
 * @throws HostKeyMismatch of either
 */
export function lookAtHost(host: ReachableHost, timeoutMs: number): Promise<HostKeyLook> {
  return onTheWay(host, timeoutMs, (way) => lookAtHostKey(host, timeoutMs, way));
}

/**
 * Runs one command on a host, after a look at its key.
 *
 * @param timeoutMs for each connection, in milliseconds
 * @throws HostKeyMismatch, also of the jump host
 */
export async function runOnHost(
  host: ReachableHost,
  { command, stdin, limitMs }: RemoteCommand,
  timeoutMs: number,
): Promise<CommandResult | Unreachable> {
  const found = await lookAtHost(host, timeoutMs);
  if (found !== "matches") return found;
  return onTheWay(host, timeoutMs, async (way) => {
    const client = await logInTo(host, timeoutMs, way);
    const timer = setTimeout(() => client.destroy(), limitMs);
    try {
      return await runCommand(client, command, stdin);
    } finally {
      clearTimeout(timer);
      client.end();
    }
  }).catch((error: Error) => ({ unreachable: error.message }));
}

/** Does something with the open connection through the jump host; with none where there is no jump host. */
async function onTheWay<T>(
  host: ReachableHost,
  timeoutMs: number,
  work: (way: Duplex | undefined) => Promise<T>,
): Promise<T | Unreachable> {
  const { jumpHost } = host;
  if (jumpHost === undefined) return work(undefined);
  const jump = { ...jumpHost, name: `${host.name} (its jump host)` };
  const found = await lookAtHostKey(jump, timeoutMs);
  if (found !== "matches") return atJumpHost(found.unreachable);
  const opened = await open(jump, host, timeoutMs).catch((error: Error) => atJumpHost(error.message));
  if ("unreachable" in opened) return opened;
  try {
    return await work(opened.way);
  } finally {
    opened.close();
  }
}

async function open(jump: SshServer & { name: string }, host: SshServer, timeoutMs: number) {
  const client = await logInTo(jump, timeoutMs);
  const close = () => client.end();
  const way = await forward(client, host).catch((error: Error) => {
    close();
    throw error;
  });
  return { way, close };
}

function atJumpHost(why: string): Unreachable {
  return { unreachable: `the jump host: ${why}` };
}
