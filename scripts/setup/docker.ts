import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../lib/run";
import { buildComposePlugin, hasCompose, wantedCompose } from "./compose";
import { shareDockerd } from "./dockerd";
import { findProgram, systemPath } from "./programs";
import type { Note } from "./progress";

/** A Docker daemon with Compose v2 on this machine, and the environment that reaches it. */
export interface Docker {
  /** For every `docker` command; nothing else of the caller's environment is needed. */
  env: { DOCKER_HOST?: string; DOCKER_CONFIG: string; PATH: string; HOME: string };
  /** Whose daemon it is: the machine's own, or one that this project started. */
  origin: "machine" | "ours";
  /** Stops the daemon if we started it and nobody else uses it. A second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Uses the machine's Docker daemon if it answers and shares the host's loopback network; otherwise starts one of our
 * own. Builds Compose v2 unless the machine has it.
 */
export async function prepareDocker(note: Note): Promise<Docker> {
  const machine = await machineDocker();
  const daemon = machine ? { host: machine, release: async () => {} } : await shareDockerd(note);
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await daemon.release();
  };
  try {
    const DOCKER_CONFIG = await composeConfig(note);
    const env = { DOCKER_HOST: daemon.host, DOCKER_CONFIG, PATH: systemPath(), HOME: homedir() };
    if (!(await hasCompose(env))) throw new Error(`docker compose does not work with ${DOCKER_CONFIG}.`);
    return { env, origin: machine ? "machine" : "ours", stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The `DOCKER_HOST` of a daemon on this machine whose containers can share our loopback network, if there is one.
 * Rootless Docker and Docker Desktop run containers in a network of their own; a remote daemon on another machine.
 */
export async function machineDocker(): Promise<string | undefined> {
  if (!findProgram("docker")) return undefined;
  const env = { ...process.env, PATH: systemPath() };
  const info = await run("docker", ["info", "--format", "{{.OperatingSystem}} {{.SecurityOptions}}"], {
    env,
  });
  // The CLI exits 0 in some versions when only its own half could be shown; the format is then empty.
  if (info.exitCode !== 0 || !info.stdout.trim()) return undefined;
  if (/Docker Desktop|name=rootless/.test(info.stdout)) return undefined;
  const host = process.env.DOCKER_HOST ?? (await contextHost(env));
  return host.startsWith("unix://") ? host : undefined;
}

/** The endpoint of the selected docker context; asked for because our own DOCKER_CONFIG would hide the context. */
async function contextHost(env: NodeJS.ProcessEnv): Promise<string> {
  const format = "{{.Endpoints.docker.Host}}";
  const { stdout } = await run("docker", ["context", "inspect", "--format", format], { env });
  return stdout.trim() || "unix:///var/run/docker.sock";
}

/** The Docker configuration directory whose Compose is used. */
async function composeConfig(note: Note): Promise<string> {
  const wanted = wantedCompose();
  if (wanted === undefined && (await hasMachineCompose())) return userDockerConfig();
  return buildComposePlugin(note, wanted);
}

function hasMachineCompose(): Promise<boolean> {
  return hasCompose({ PATH: systemPath(), HOME: homedir(), DOCKER_CONFIG: userDockerConfig() });
}

function userDockerConfig(): string {
  return process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
}
