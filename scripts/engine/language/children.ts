import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/** How long a child may take to end by itself before it is killed, in milliseconds. As long as Pulumi's own host waits. */
const GRACE_MS = 5000;

const running = new Set<ChildProcess>();

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that ends with this host at the latest. */
export function startChild(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options);
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Resolves when the process has ended and its output is read; rejects when it could not be started. */
export function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

/** Asks a child to end, and kills it when it does not. */
export function stopChild(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
}

/** Asks all children to end. */
export function stopChildren(): void {
  for (const child of running) stopChild(child);
}

/**
 * Ends this process and its children when the engine is gone. Without it an engine that was killed would leave
 * programs and plugins running for ever.
 */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) killAllAndExit();
  }, 1000).unref();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, killAllAndExit);
  }
}

function killAllAndExit(): void {
  for (const child of running) child.kill("SIGKILL");
  process.exit(0);
}
