import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../../../infra/worker/bindings";

/** A Worker to be measured. */
export interface Target {
  readonly name: string;
  /** The module's text. */
  readonly code: string;
  /** Bindings as text. */
  readonly bindings: Readonly<Record<string, string>>;
}

export interface StartOptions {
  /** Where files are written; one directory per target. */
  readonly directory: string;
  /** Port on loopback at which every `fetch` of the Worker arrives, whatever its URL. */
  readonly upstreamPort: number;
  /** Program and arguments that workerd runs under. */
  readonly under?: readonly string[];
}

/** A running `workerd serve`. */
export interface Workerd {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The workerd binary that Miniflare brings along. */
export function workerdBinary(): string {
  const miniflare = require.resolve("miniflare");
  const workerd = require.resolve("workerd/package.json", { paths: [miniflare] });
  const arch = process.arch === "arm64" ? "arm64" : "64";
  return require.resolve(`@cloudflare/workerd-${process.platform}-${arch}/bin/workerd`, { paths: [workerd] });
}

/** Starts `workerd serve` on a port of its own choice and waits until it listens. */
export async function startWorkerd(target: Target, options: StartOptions): Promise<Workerd> {
  const directory = join(options.directory, target.name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "worker.mjs"), target.code);
  writeFileSync(join(directory, "config.capnp"), configOf(target, options.upstreamPort));
  const [file = "", ...args] = [
    ...(options.under ?? []),
    workerdBinary(),
    "serve",
    "--control-fd=3",
    join(directory, "config.capnp"),
  ];
  const child = spawn(file, args, { cwd: directory, stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const port = await listeningPort(child, target.name);
  return { port, pid: child.pid ?? 0, stop: () => stop(child) };
}

function configOf({ bindings, code }: Target, upstreamPort: number): string {
  if (code.length === 0) throw new Error("There is no code to serve.");
  const list = Object.entries(bindings)
    .map(([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`)
    .join(", ");
  const flags = COMPATIBILITY_FLAGS.map((flag) => JSON.stringify(flag)).join(", ");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = [${flags}],
      bindings = [${list}],
      globalOutbound = "upstream",
    )),
    (name = "upstream", external = (address = "127.0.0.1:${upstreamPort}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/** workerd says on its control pipe which port it took. */
function listeningPort(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      errors += chunk;
    });
    (child.stdio[3] as Readable).on("data", (chunk: Buffer) => {
      said += chunk;
      const port = /"event":"listen".*"port":(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`workerd (${name}) ended with ${code}:\n${errors}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

/** CPU seconds that the threads of a process have used so far, to the nanosecond. Linux. */
export function cpuSeconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) => {
    // The first number is the time on a CPU (Documentation/scheduler/sched-stats.rst); `stat` counts in 10 ms.
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  });
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9;
}

/** Largest resident memory of a process so far, in bytes. Linux. */
export function peakMemory(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
