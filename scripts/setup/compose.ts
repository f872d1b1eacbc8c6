import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../lib/run";
import { cacheDir, hashOf, once } from "./cache";
import { goBuild } from "./go-build";
import type { Note } from "./progress";

/** First Compose that knows `env_file` entries with `required: false`, which OpenClaw's compose file has. */
const OLDEST_COMPOSE = [2, 24] as const;
/** The version in compose-plugin/go.mod; the plugin reports it, so that the machine check above holds for it too. */
const BUILT_COMPOSE = "v2.40.3";
const MODULE_DIRECTORY = join(__dirname, "compose-plugin");

/** Whether `docker compose` answers in this environment and is new enough. */
export async function hasCompose(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { exitCode, stdout } = await run("docker", ["compose", "version", "--short"], { env });
  return exitCode === 0 && isNewEnough(stdout);
}

/** Compares `2.40.3`, `v2.24.0-desktop.1` … with the oldest version that will do. */
export function isNewEnough(version: string): boolean {
  const match = /^v?(\d+)\.(\d+)/.exec(version.trim());
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST_COMPOSE[0] || (major === OLDEST_COMPOSE[0] && minor >= OLDEST_COMPOSE[1]);
}

/** Builds the Compose plugin once per machine. Returns a Docker configuration directory that holds it. */
export async function buildComposePlugin(note: Note): Promise<string> {
  const sources = ["go.mod", "go.sum"].map((name) => join(MODULE_DIRECTORY, name));
  const directory = cacheDir("compose", hashOf(sources, `${process.platform} ${process.arch}`));
  await once(directory, (temporary) => build(join(temporary, "cli-plugins"), note), note);
  return directory;
}

async function build(directory: string, note: Note): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await goBuild({
    moduleDir: MODULE_DIRECTORY,
    pkg: "github.com/docker/compose/v2/cmd",
    output: join(directory, "docker-compose"),
    ldflags: `-s -w -X github.com/docker/compose/v2/internal.Version=${BUILT_COMPOSE}`,
    otherWay: `install Docker Compose ${OLDEST_COMPOSE.join(".")} or newer (https://docs.docker.com/compose/install/)`,
    note,
  });
}
