import { homedir } from "node:os";
import { type Finished, run } from "../../lib/run";
import type { Docker } from "../../setup/docker";

/** Compose writes the directory of a container's project into this label; unlike the name it cannot be shared. */
const DIRECTORY_LABEL = "com.docker.compose.project.working_dir";
const SERVICE_LABEL = "com.docker.compose.service";

/** What the operator of a Compose project does at its shell. */
export class ComposeProject {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(directory: string, docker: Docker["env"]) {
    this.#directory = directory;
    // A clean environment: an exported variable would win over the one in `.env`.
    this.#env = { ...docker, HOME: homedir() };
  }

  compose(args: readonly string[]): Promise<Finished> {
    return run("docker", ["compose", ...args], { cwd: this.#directory, env: this.#env });
  }

  /** @throws Error with what Compose said */
  async up(service: string): Promise<void> {
    const { exitCode, stderr } = await this.compose(["up", "--detach", service]);
    if (exitCode !== 0)
      throw new Error(`docker compose up ended with code ${exitCode}:\n${lastLines(stderr, 10)}`);
  }

  /** Status of a service's container as Docker names it (`running`, `restarting`, `exited` …), if there is one. */
  async statusOf(service: string): Promise<string | undefined> {
    const [container] = await this.#inspect(service);
    return container?.State.Status;
  }

  async environmentOf(service: string): Promise<Record<string, string>> {
    const [container] = await this.#inspect(service);
    return Object.fromEntries(
      (container?.Config.Env ?? []).map((entry) => {
        const [name = "", ...value] = entry.split("=");
        return [name, value.join("=")];
      }),
    );
  }

  async logs(service: string, lines: number): Promise<string> {
    const { stdout, stderr } = await this.compose(["logs", "--no-color", "--tail", String(lines), service]);
    return lastLines(stdout + stderr, lines);
  }

  /** Removes every container of the project, one-off ones included, without waiting for them to end by themselves. */
  async remove(): Promise<void> {
    const ids = await this.#containers([]);
    if (ids.length > 0) await this.#docker(["rm", "--force", "--volumes", ...ids]);
  }

  async #inspect(service: string): Promise<ContainerDetails[]> {
    const ids = await this.#containers([`${SERVICE_LABEL}=${service}`, "com.docker.compose.oneoff=False"]);
    if (ids.length === 0) return [];
    const { stdout } = await this.#docker(["inspect", ...ids]);
    return JSON.parse(stdout) as ContainerDetails[];
  }

  async #containers(labels: readonly string[]): Promise<string[]> {
    const filters = [`${DIRECTORY_LABEL}=${this.#directory}`, ...labels].flatMap((label) => [
      "--filter",
      `label=${label}`,
    ]);
    const { stdout } = await this.#docker(["ps", "--all", "--quiet", "--no-trunc", ...filters]);
    return stdout.split("\n").filter(Boolean);
  }

  #docker(args: readonly string[]): Promise<Finished> {
    return run("docker", args, { env: this.#env });
  }
}

/** The parts of `docker inspect` that are read. */
interface ContainerDetails {
  State: { Status: string };
  Config: { Env: string[] };
}

function lastLines(text: string, count: number): string {
  return text.trim().split("\n").slice(-count).join("\n");
}
