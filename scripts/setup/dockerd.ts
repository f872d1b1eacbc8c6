import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../lib/run";
import { cacheDir } from "./cache";
import { Leases, startTime } from "./leases";
import { withMachineLock } from "./machine-lock";
import { findProgram, systemPath } from "./programs";
import type { Note } from "./progress";

/** A share in the Docker daemon that this project runs for itself. */
export interface SharedDockerd {
  /** Value for `DOCKER_HOST`. */
  host: string;
  /** Gives the share back; the last one out stops the daemon and waits until it is gone. */
  release(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
/** dockerd gives containers 10 s to end and then needs a moment for itself. */
const STOP_TIMEOUT_MS = 45_000;
const POLL_MS = 100;

type Paths = ReturnType<typeof pathsFor>;

/** All paths of the daemon that is shared. One per cache directory, because images live there. */
const paths = (): Paths => pathsFor(cacheDir("docker"));

function pathsFor(dataRoot: string) {
  // Unix socket paths are limited to 107 bytes (unix(7)), and a cache directory can be deep: hence /run and a digest.
  const digest = createHash("sha256").update(dataRoot).digest("hex").slice(0, 8);
  const runDirectory = join("/run/openclaw-ai-gateway", digest);
  const inRun = (name: string) => join(runDirectory, name);
  return {
    dataRoot,
    runDirectory,
    socket: inRun("docker.sock"),
    pidFile: inRun("dockerd.pid"),
    execRoot: inRun("exec"),
    containerdPidFile: join(inRun("exec"), "containerd", "containerd.pid"),
    leases: inRun("leases"),
    log: inRun("dockerd.log"),
    config: inRun("daemon.json"),
  };
}

/**
 * Shares the project's own Docker daemon with every other process that uses the same cache: the first one starts it,
 * the last one stops it. It has a private socket and data directory and touches neither iptables nor bridges, so it
 * can run beside any other Docker on the machine; containers get the network of the host.
 *
 * @throws Error when this user may not run a daemon, or with the last lines of its log when it does not come up
 */
export async function shareDockerd(note: Note): Promise<SharedDockerd> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      "No Docker daemon answers (docker info), and only root can start one. " +
        "Start Docker (sudo systemctl start docker), add yourself to its group (sudo usermod -aG docker $USER), or run as root.",
    );
  }
  const { dataRoot, socket, leases: leaseDirectory } = paths();
  const leases = new Leases(leaseDirectory);
  const exclusively = <T>(work: () => Promise<T>) => withMachineLock(`dockerd ${dataRoot}`, work, note);

  const giveBack = await exclusively(async () => {
    const firstUser = leases.countLive() === 0;
    if (!(await answers(socket))) await start(paths(), note);
    // A killed run may have left containers; nobody uses them when there is no other lease.
    if (firstUser) await removeAllContainers(socket);
    return leases.take();
  });
  return {
    host: `unix://${socket}`,
    release: () =>
      exclusively(async () => {
        giveBack();
        if (leases.countLive() === 0) await stop(paths());
      }),
  };
}

/** A Docker daemon that nobody shares, so that it may be killed. */
export interface PrivateDockerd {
  /** Value for `DOCKER_HOST`. */
  host: string;
  /** Ends the daemon alone, as a crash does: its containers go on without it. */
  kill(): void;
  /** Starts it again after that, where its containers are. */
  restart(): Promise<void>;
  /** Ends it with all that it runs. Its data directory is the caller's. */
  stop(): Promise<void>;
}

/**
 * Starts a daemon of its own on an empty data directory; only root may.
 *
 * @throws Error with the last lines of its log when it does not come up
 */
export async function startPrivateDockerd(dataRoot: string, note: Note): Promise<PrivateDockerd> {
  const own = pathsFor(dataRoot);
  await start(own, note);
  return {
    host: `unix://${own.socket}`,
    kill: () => {
      const pid = runningProcess(own.pidFile, "dockerd");
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    },
    restart: async () => {
      // Its containerd died with it, and may not have been reaped: the new daemon would take it for a running one.
      rmSync(own.containerdPidFile, { force: true });
      await launch(own);
    },
    stop: async () => {
      await stop(own);
      // What a daemon that was killed had mounted, the next one leaves so.
      await unmount(dataRoot);
    },
  };
}

async function start(where: Paths, note: Note): Promise<void> {
  note("starting dockerd");
  await stop(where); // What is left of a daemon that no longer answers.
  const { runDirectory, dataRoot, config } = where;
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  mkdirSync(dataRoot, { recursive: true, mode: 0o700 });
  // Without a file of its own dockerd would read /etc/docker/daemon.json, whose settings may contradict the flags.
  writeFileSync(config, "{}\n");
  await launch(where);
}

async function launch(where: Paths): Promise<void> {
  const output = openSync(where.log, "w", 0o600);
  // Detached: other processes may use it longer than this one lives, and Ctrl-C must not reach it.
  const child = spawn(findProgram("dockerd") ?? "dockerd", dockerdArguments(where), {
    detached: true,
    stdio: ["ignore", output, output],
    env: { PATH: systemPath(), HOME: process.env.HOME ?? "/root" },
  });
  child.unref();
  await untilReady(child, where);
}

function dockerdArguments({ dataRoot, socket, pidFile, execRoot, config }: Paths): string[] {
  return [
    `--config-file=${config}`,
    `--host=unix://${socket}`,
    `--data-root=${dataRoot}`,
    `--exec-root=${execRoot}`,
    `--pidfile=${pidFile}`,
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    "--ip-masq=false",
    "--log-level=warn",
  ];
}

async function untilReady(child: ChildProcess, where: Paths): Promise<void> {
  const { socket, log } = where;
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure = `ended with ${signal ?? `code ${code}`}`;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(socket))) {
    if (performance.now() > deadline) failure ??= `did not answer within ${START_TIMEOUT_MS / 1000} s`;
    if (failure !== undefined) {
      const lastLines = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");
      await stop(where);
      throw new Error(
        `dockerd ${failure}. Its last lines were:\n${lastLines}\nA Docker daemon that answers to docker info is used instead of our own.`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Ends dockerd, which ends its containers and its containerd, and waits for both to be gone. */
async function stop({ pidFile, containerdPidFile, runDirectory }: Paths): Promise<void> {
  const containerd = runningProcess(containerdPidFile, "containerd");
  await end(runningProcess(pidFile, "dockerd"), STOP_TIMEOUT_MS);
  await end(containerd, 5_000);
  await unmount(runDirectory);
  rmSync(runDirectory, { recursive: true, force: true });
}

/** Containers on the host's network leave a mount of its namespace behind, and one that was killed all its mounts. */
async function unmount(directory: string): Promise<void> {
  const mountPoints = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mountPoint) => mountPoint === directory || mountPoint.startsWith(`${directory}/`));
  // The innermost first.
  for (const mountPoint of mountPoints.reverse()) {
    await run("umount", [mountPoint], { env: { PATH: systemPath() } });
  }
}

async function end(pid: number | undefined, timeoutMs: number): Promise<void> {
  if (pid === undefined) return;
  const identity = startTime(pid);
  const lives = () => identity !== undefined && startTime(pid) === identity;
  if (lives()) process.kill(pid, "SIGTERM");
  const deadline = performance.now() + timeoutMs;
  while (lives() && performance.now() < deadline) await sleep(POLL_MS);
  if (lives()) process.kill(pid, "SIGKILL");
  while (lives()) await sleep(POLL_MS);
}

/** The pid in the file if a program of that name runs under it; pid files outlive their processes. */
function runningProcess(pidFile: string, program: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === program ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** `GET /_ping` of the Docker Engine API: the cheapest question, and no CLI has to be started for it. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping", timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once("timeout", () => ping.destroy());
    ping.once("error", () => resolve(false));
    ping.end();
  });
}

async function removeAllContainers(socket: string): Promise<void> {
  const env = { PATH: systemPath(), DOCKER_HOST: `unix://${socket}` };
  const { stdout } = await run("docker", ["ps", "--all", "--quiet"], { env });
  const ids = stdout.split("\n").filter(Boolean);
  if (ids.length > 0) await run("docker", ["rm", "--force", "--volumes", ...ids], { env });
}
