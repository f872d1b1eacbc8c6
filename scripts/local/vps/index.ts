import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Finished } from "../../lib/run";
import type { VpsToolchain } from "../../setup";
import { ComposeProject } from "./compose-project";
import { findInEnvironment, findInFiles } from "./find-secrets";
import { freePort } from "./free-port";
import { type Answer, askInContainer, untilReady } from "./openclaw";
import { writeOperatorFiles } from "./operator-files";
import { type FileSnapshot, takeSnapshot } from "./snapshot";
import { startSshServer } from "./ssh-server";

export { diffSnapshots, type FileEntry, type FileSnapshot } from "./snapshot";
export type { Answer };

const SERVICE = "openclaw-gateway";

export interface LocalVpsOptions {
  /** Name of the VPS: letters, digits and `-`. Part of its directory's and Compose project's name. */
  name: string;
  toolchain: Pick<VpsToolchain, "docker" | "openclawImage" | "sshd">;
  /** Project directory. Its last part names the Compose project, so it must be unique. Default: a temporary one. */
  directory?: string;
  /** Origin of the fake providers that OpenClaw calls until the stack moves it. */
  providersUrl: string;
  /** Provider key per gateway slug; goes into `.env`. */
  providerKeys: Readonly<Record<string, string>>;
}

/** A VPS as its operator has it today: an sshd and a Compose project with the real OpenClaw, on loopback. */
export interface LocalVps {
  readonly name: string;
  readonly address: "127.0.0.1";
  /** Of its sshd. */
  readonly port: number;
  readonly user: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** Contents of the private key that its sshd lets in. */
  readonly privateKey: string;
  /** Project directory: `docker-compose.yml`, `.env` and OpenClaw's directories. */
  readonly directory: string;
  readonly service: typeof SERVICE;
  readonly composeProject: string;
  /** Origin of OpenClaw's gateway. */
  readonly gatewayUrl: string;
  /** `docker compose up -d`, as the operator does it; resolves when OpenClaw is ready. */
  start(): Promise<void>;
  /** One real turn inside the running container. Default model: the configured primary one. */
  ask(prompt: string, model?: string): Promise<Answer>;
  snapshot(): Promise<FileSnapshot>;
  /** Places that hold one of the needles: files below {@link directory}, environments of the containers. */
  findSecrets(needles: readonly string[]): Promise<string[]>;
  /** `docker compose …` in the project directory. */
  compose(args: readonly string[]): Promise<Finished>;
  /** Environment of the gateway's container, running or not; empty when there is none. */
  containerEnvironment(): Promise<Record<string, string>>;
  /** Ends containers and sshd and removes the directory. */
  stop(): Promise<void>;
}

/** Makes a VPS with its sshd running and its Compose project not started. */
export async function createLocalVps(options: LocalVpsOptions): Promise<LocalVps> {
  const { name, toolchain, providersUrl, providerKeys } = options;
  const { docker, openclawImage: image, sshd } = toolchain;
  const home = mkdtempSync(join(tmpdir(), "openclaw-vps-"));
  const directory = options.directory ?? join(home, `openclaw-${name}-${randomBytes(4).toString("hex")}`);
  const gatewayPort = await freePort();
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  // As in OpenClaw's official image; where we are not root, files can belong to ourselves only.
  const containerUser = process.getuid?.() || 1000;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  writeOperatorFiles({
    directory,
    name,
    image,
    gatewayPort,
    containerUser,
    providersUrl,
    providerKeys,
  });

  const project = new ComposeProject(directory, docker.env);
  const { DOCKER_HOST, DOCKER_CONFIG, PATH } = docker.env;
  const ssh = await startSshServer({
    sshd,
    directory: join(home, "ssh"),
    environment: { DOCKER_HOST, DOCKER_CONFIG, PATH },
  });

  const containerEnvironment = () => project.environmentOf(SERVICE);
  return {
    name,
    address: "127.0.0.1",
    port: ssh.port,
    user: ssh.user,
    hostKey: ssh.hostKey,
    privateKey: ssh.privateKey,
    directory,
    service: SERVICE,
    composeProject: projectName(directory),
    gatewayUrl,
    containerEnvironment,
    start: async () => {
      await project.up(SERVICE);
      await untilReady(gatewayUrl, project, SERVICE);
    },
    ask: (prompt, model) => askInContainer(project, SERVICE, prompt, model),
    snapshot: async () => takeSnapshot(directory),
    findSecrets: async (needles) => [
      ...findInFiles(directory, needles),
      ...findInEnvironment(await containerEnvironment(), needles).map(
        (variable) => `container (${variable})`,
      ),
    ],
    compose: (args) => project.compose(args),
    stop: async () => {
      await ssh.stop();
      await project.remove();
      for (const path of [directory, home]) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** How Compose names a project by its directory: lower case, other characters dropped, a letter or digit first. */
function projectName(directory: string): string {
  return basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
}
