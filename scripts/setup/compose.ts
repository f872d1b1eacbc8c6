import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../lib/run";
import { cacheDir, hashOf, once } from "./cache";
import { goBuild } from "./go-build";
import type { Note } from "./progress";

/** First Compose that knows `env_file` entries with `required: false`, which OpenClaw's compose file has. */
const OLDEST_COMPOSE = [2, 24] as const;
/** The versions that can be built here. Each is also in its go.mod; the plugin reports it, for the check above. */
const BUILDS = {
  "2": { module: "github.com/docker/compose/v2", version: "v2.40.3", directory: "compose-plugin" },
  // 5.1 asks for an API that Docker Engine 20.10 of Debian 12 does not have.
  "5": { module: "github.com/docker/compose/v5", version: "v5.0.0", directory: "compose-plugin-5" },
} as const;

/** A major version of Compose. There is none between the two. */
export type ComposeMajor = keyof typeof BUILDS;

/** The one that `COMPOSE_MAJOR` asks for, whatever the machine has; none: the machine's own, else 2. */
export function wantedCompose(): ComposeMajor | undefined {
  const wanted = process.env.COMPOSE_MAJOR;
  if (wanted === undefined || wanted === "2" || wanted === "5") return wanted;
  throw new Error(`COMPOSE_MAJOR is "${wanted}"; it may be ${Object.keys(BUILDS).join(" or ")}.`);
}

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
export async function buildComposePlugin(note: Note, major: ComposeMajor = "2"): Promise<string> {
  const moduleDir = join(__dirname, BUILDS[major].directory);
  const sources = ["go.mod", "go.sum"].map((name) => join(moduleDir, name));
  const directory = cacheDir("compose", hashOf(sources, `${process.platform} ${process.arch}`));
  await once(directory, (temporary) => build(major, join(temporary, "cli-plugins"), note), note);
  return directory;
}

async function build(major: ComposeMajor, output: string, note: Note): Promise<void> {
  const { module, version, directory } = BUILDS[major];
  mkdirSync(output, { recursive: true });
  await goBuild({
    moduleDir: join(__dirname, directory),
    pkg: `${module}/cmd`,
    output: join(output, "docker-compose"),
    ldflags: `-s -w -X ${module}/internal.Version=${version}`,
    otherWay: `install Docker Compose ${OLDEST_COMPOSE.join(".")} or newer (https://docs.docker.com/compose/install/)`,
    note,
  });
}
