import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshServer } from "./connection";
import { type HostKeyLook, HostKeyMismatch, lookAtHostKey } from "./host-key";
import { type CommandResult, forward, logInTo, runCommand } from "./ssh";

/** A host, with the server on the way to it. */
export interface ReachableHost extends SshServer {
  readonly name: string;
  readonly jumpHost?: SshServer | undefined;
}

/** A command, its input, and how long all of it may take, the way there included, in milliseconds. */
export interface RemoteCommand {
  readonly command: string;
  /** One that is not known yet does not keep the connection from being made. */
  readonly stdin: string | Promise<string>;
  readonly limitMs: number;
}

type Unreachable = Exclude<HostKeyLook, "matches">;

/**
 * {@link lookAtHostKey} of a host, through its jump host where it has one. Nobody logs in there either unless its key is
 * the pinned one.
 *
 * @param timeoutMs for the way there and the look together, in milliseconds
 * @throws HostKeyMismatch of either
 */
export function lookAtHost(host: ReachableHost, timeoutMs: number): Promise<HostKeyLook> {
  const left = countdown(timeoutMs);
  return onTheWay(host, timeoutMs, (way) => lookAtHostKey(host, Math.ceil(left()), way));
}

/**
 * Runs one command on a host, if its key is the pinned one.
 *
 * @param timeoutMs for each connection, in milliseconds, if the command's limit is not less
 * @throws HostKeyMismatch, also of the jump host
 */
export async function runOnHost(
  host: ReachableHost,
  { command, stdin, limitMs }: RemoteCommand,
  timeoutMs: number,
): Promise<CommandResult | Unreachable> {
  const left = countdown(limitMs);
  return onTheWay(host, Math.min(timeoutMs, limitMs), async (way) => {
    const late = new Error(`no answer within ${limitMs / 1_000} s`);
    const client = await logInTo(host, Math.min(timeoutMs, left()), way).catch((error: Error) => {
      throw left() > 1 || error instanceof HostKeyMismatch ? error : late;
    });
    try {
      return await within(left(), late, runCommand(client, command, await stdin));
    } finally {
      client.destroy();
    }
  }).catch(unlessMismatch);
}

/** What is left of a time, in milliseconds: at least one, because none would mean no limit. */
function countdown(totalMs: number): () => number {
  const end = performance.now() + totalMs;
  return () => Math.max(end - performance.now(), 1);
}

/** @throws `late` when the work takes longer than what is left of its time, in milliseconds */
async function within<T>(left: number, late: Error, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const timer = sleep(left, undefined, { signal: done.signal }).then(() => {
    throw late;
  });
  try {
    return await Promise.race([work, timer]);
  } finally {
    done.abort();
    // Whichever of the two comes later says nothing new.
    timer.catch(() => {});
    work.catch(() => {});
  }
}

/** What keeps a host from being looked at is no obstacle; a wrong key is one. */
function unlessMismatch(error: Error): Unreachable {
  if (error instanceof HostKeyMismatch) throw error;
  return { unreachable: error.message };
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
  const opened = await open(jump, host, timeoutMs).catch((error: Error) =>
    atJumpHost(unlessMismatch(error).unreachable),
  );
  if ("unreachable" in opened) return opened;
  try {
    return await work(opened.way);
  } finally {
    opened.close();
  }
}

async function open(jump: SshServer & { name: string }, host: SshServer, timeoutMs: number) {
  const left = countdown(timeoutMs);
  const client = await logInTo(jump, timeoutMs);
  const close = () => client.end();
  const way = await forward(client, host, left()).catch((error: Error) => {
    close();
    throw error;
  });
  return { way, close };
}

function atJumpHost(why: string): Unreachable {
  return { unreachable: `the jump host: ${why}` };
}
