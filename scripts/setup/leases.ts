import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Gives one lease back; a second call does nothing. */
export type Release = () => void;

/**
 * Who uses a shared thing: a file per user in a directory, named after the process. A process that died without
 * giving its lease back no longer counts. Callers hold a machine lock around every call.
 */
export class Leases {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  take(): Release {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const file = join(this.#directory, `${process.pid}-${randomBytes(4).toString("hex")}`);
    writeFileSync(file, startTime(process.pid) ?? "", { mode: 0o600 });
    return () => rmSync(file, { force: true });
  }

  /** Number of leases whose process lives; forgets the others. */
  countLive(): number {
    let live = 0;
    for (const name of listOrEmpty(this.#directory)) {
      const file = join(this.#directory, name);
      if (readFileSync(file, "utf8") === startTime(Number.parseInt(name, 10))) live += 1;
      else rmSync(file, { force: true });
    }
    return live;
  }
}

/**
 * Start time of a process in clock ticks since boot, `undefined` when it does not run. With the pid it names one
 * process: pids are used again. Field 22 of /proc/pid/stat (proc(5)), counted after the command's closing bracket.
 */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function listOrEmpty(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
