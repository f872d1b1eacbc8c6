import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { runOnHost } from "../../infra/host/jump-host";
import { openclawPatch } from "../../infra/host/openclaw-config";
import { type HostPayload, type HostVerb, hostCommand, hostStdin } from "../../infra/host/payload";
import { hostProgram } from "../../infra/host/program";
import { logInTo } from "../../infra/host/ssh";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { freePort } from "../../scripts/local/vps/free-port";
import { type SshServer, startSshServer } from "../../scripts/local/vps/ssh-server";
import { CONFIG, KEYS, SEAL, TOKEN } from "../host/fixtures";
import { treeOf } from "../host/tree";

export const SERVICE = "openclaw-gateway";
const LIMIT_MS = 120_000;
const POLL_MS = 50;

interface StandInOptions {
  /** What `docker` needs in its environment. */
  readonly docker: NodeJS.ProcessEnv;
  /** Any image with Node. */
  readonly image: string;
  readonly sshd: string;
}

/** What the stand-in for OpenClaw does wrong on our configuration, and how long it takes to stop. */
interface StandInBehaviour {
  readonly start?: "ok" | "unhealthy" | "crash";
  readonly turnMs?: number;
}

/**
 * A host with a real sshd and a real Compose project; only OpenClaw itself is a stand-in, which starts in no time. The
 * host program runs there as `pulumi up` runs it.
 */
export class StandInHost {
  readonly #root: string;
  readonly directory: string;
  readonly #standIn: string;
  readonly #state: string;
  readonly #options: StandInOptions;
  readonly #worker: Server;
  readonly #ssh: SshServer;
  readonly #port: number;

  private constructor(root: string, options: StandInOptions, worker: Server, ssh: SshServer, port: number) {
    this.#root = root;
    this.directory = join(root, `faults-${process.pid}`);
    this.#standIn = join(root, "stand-in");
    this.#state = join(this.directory, ".openclaw-ai-gateway");
    this.#options = options;
    this.#worker = worker;
    this.#ssh = ssh;
    this.#port = port;
    this.#writeProject();
  }

  static async create(options: StandInOptions): Promise<StandInHost> {
    const worker = createServer((request, response) => {
      const ready = request.headers.authorization === `Bearer ${TOKEN}`;
      response.writeHead(ready ? 200 : 401, { "content-type": "application/json" });
      response.end(JSON.stringify({ ready }));
    });
    await new Promise<void>((resolve) => worker.listen(0, "127.0.0.1", resolve));
    const { DOCKER_HOST, DOCKER_CONFIG, PATH } = options.docker;
    const root = mkdtempSync(join(tmpdir(), "openclaw-faults-"));
    const environment = { DOCKER_HOST, DOCKER_CONFIG, PATH };
    const ssh = await startSshServer({ sshd: options.sshd, directory: join(root, "ssh"), environment });
    return new StandInHost(root, options, worker, ssh, await freePort());
  }

  async remove(): Promise<void> {
    this.compose("down", "--timeout", "0", "--remove-orphans");
    await this.#ssh.stop();
    this.#worker.closeAllConnections();
    await new Promise((resolve) => this.#worker.close(resolve));
    rmSync(this.#root, { recursive: true, force: true });
  }

  behave(change: StandInBehaviour): void {
    const behaviour = { start: "ok", turnMs: 0, turn: "ok", config: "ok", revokedKey: "none", onlyNew: true };
    writeFileSync(join(this.#standIn, "behaviour.json"), JSON.stringify({ ...behaviour, ...change }));
  }

  /** What the operator types: `docker compose …`. */
  compose(...args: string[]): void {
    const { docker: env } = this.#options;
    const { status, stderr } = spawnSync("docker", ["compose", ...args], {
      cwd: this.directory,
      env,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`docker compose ${args.join(" ")}: ${stderr}`);
  }

  /** One line for each time that OpenClaw came to finish its turns. */
  stops(): string[] {
    const file = join(this.#standIn, "stops.log");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  /** Runs a verb over SSH, as `pulumi up` does, to its end. */
  async run(verb: HostVerb, change: Partial<HostPayload> = {}): Promise<{ code: number; output: string }> {
    const command = { command: hostCommand(verb), stdin: this.#stdin(change), limitMs: LIMIT_MS };
    const result = await runOnHost(this.#server(), command, LIMIT_MS);
    if ("unreachable" in result) throw new Error(result.unreachable);
    return { code: result.exitCode, output: result.stdout };
  }

  /** Begins an apply over SSH and cuts the connection in the midst of its change. */
  async cutOff(): Promise<void> {
    const client = await logInTo(this.#server(), LIMIT_MS);
    client.exec(hostCommand("apply"), (error, channel) => {
      if (error) throw error;
      channel.end(this.#stdin());
    });
    await this.untilChanging();
    client.destroy();
  }

  /** Until a change of files has begun, and is not complete. */
  untilChanging(): Promise<void> {
    return until(() => existsSync(join(this.#state, "journal")), "no change began");
  }

  /** Until no run is at work in the project directory. */
  untilQuiet(): Promise<void> {
    return until(() => this.#processes().length === 0, "a run is still at work");
  }

  /** `kill -9` of the run, and of all that it has started. */
  killRun(): void {
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        // A run starts many short commands; one of them may have ended since the list was made.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }

  /** Whose configuration serves, asked of the container and compared with the file that it reads. */
  async serving(): Promise<"own" | "new" | "a mix"> {
    let said: unknown;
    await until(async () => {
      const url = `http://127.0.0.1:${this.#port}/readyz`;
      const answer = await fetch(url).then(
        (response) => (response.ok ? response.json() : undefined),
        () => undefined,
      );
      said = (answer as { configuration?: unknown } | undefined)?.configuration;
      return said !== undefined;
    }, "nothing serves");
    const config = readFileSync(join(this.directory, "openclaw", "openclaw.json"), "utf8");
    const wanted = config.includes("{AI_GATEWAY_") ? "new" : "own";
    return said === wanted ? wanted : "a mix";
  }

  /** Path, mode, owner and content of everything in the project directory. */
  tree(): Record<string, string> {
    return treeOf(this.directory);
  }

  /** A run works in the project directory, and nobody else does while these tests wait for it. */
  #processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return readlinkSync(`/proc/${pid}/cwd`) === this.directory;
        } catch {
          return false; // gone, or not ours
        }
      });
  }

  #server() {
    const { port, user, hostKey, privateKey } = this.#ssh;
    return { name: "vps1", address: "127.0.0.1", port, user, hostKey, privateKey };
  }

  #stdin(change: Partial<HostPayload> = {}): string {
    return hostStdin(hostProgram(), {
      stack: "dev",
      host: "vps1",
      directory: this.directory,
      service: SERVICE,
      entry: "dist/index.js",
      seal: SEAL,
      names: LLM_PROVIDERS.flatMap((provider) => provider.keyEnvNames).join(" "),
      patterns: JSON.stringify(LLM_PROVIDERS.flatMap((provider) => provider.keyPattern?.source ?? [])),
      "worker-url": `http://127.0.0.1:${(this.#worker.address() as AddressInfo).port}`,
      token: TOKEN,
      patch: JSON.stringify(openclawPatch({ providers: LLM_PROVIDERS, routes: [{ name: "support" }] })),
      drain: "60",
      "ready-wait": "20",
      ...change,
    });
  }

  #writeProject(): void {
    const image = join(this.#standIn, "image");
    mkdirSync(join(image, "dist"), { recursive: true });
    cpSync(join(__dirname, "stand-in", "gateway.js"), join(this.#standIn, "gateway.js"));
    writeFileSync(join(image, "package.json"), JSON.stringify({ name: "openclaw", version: "2026.9.6" }));
    writeFileSync(
      join(image, "dist", "index.js"),
      'require(process.argv[2] === "gateway" ? "../../gateway.js" : "./command-line.js");\n',
    );
    buildSync({
      entryPoints: [join(__dirname, "../host/fake-docker/openclaw.ts")],
      bundle: true,
      platform: "node",
      format: "cjs",
      outfile: join(image, "dist", "command-line.js"),
    });
    this.behave({});

    mkdirSync(join(this.directory, "openclaw"), { recursive: true, mode: 0o700 });
    const write = (name: string, text: string) => {
      writeFileSync(join(this.directory, name), text, { mode: 0o600 });
      chmodSync(join(this.directory, name), 0o600);
    };
    write("openclaw/openclaw.json", CONFIG);
    write(
      ".env",
      [
        `OPENCLAW_GATEWAY_PORT=${this.#port}`,
        ...Object.entries(KEYS).map(([name, value]) => `${name}=${value}`),
        "",
      ].join("\n"),
    );
    write("docker-compose.yml", this.#composeFile());
  }

  #composeFile(): string {
    const state = join(this.directory, "openclaw");
    const check =
      "fetch('http://127.0.0.1:' + process.env.OPENCLAW_GATEWAY_PORT).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))";
    return JSON.stringify({
      services: {
        [SERVICE]: {
          image: this.#options.image,
          user: `${process.getuid?.()}:${process.getgid?.()}`,
          network_mode: "host",
          restart: "unless-stopped",
          env_file: [".env"],
          environment: { OPENCLAW_CONFIG_PATH: join(state, "openclaw.json"), OPENCLAW_STATE_DIR: state },
          volumes: [`${state}:${state}`, `${this.#standIn}:/stand-in`],
          working_dir: "/stand-in/image",
          command: ["node", "dist/index.js", "gateway", "--port", String(this.#port)],
          healthcheck: { test: ["CMD", "node", "-e", check], interval: "1s", retries: 2, start_period: "0s" },
        },
      },
    });
  }
}

async function until(isSo: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await sleep(POLL_MS);
  }
}
