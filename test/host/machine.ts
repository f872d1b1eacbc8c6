import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openclawPatch } from "../../infra/host/openclaw-config";
import { HOST_SCRIPT, type HostPayload, type HostVerb, hostStdin } from "../../infra/host/payload";
import { hostProgram } from "../../infra/host/program";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { type Behaviour, GOOD } from "./behaviour";
import { giveAll, hurriedClock, outcome, type Ran, read, runOrThrow, TOOLS } from "./commands";
import { addProgram, installDocker, type Switch } from "./fake-docker/install";
import { CONFIG, KEYS, SEAL, TOKEN } from "./fixtures";
import { answerAsGateway, GATEWAY_PATH, RUN_TOKEN } from "./gateway";
import { Steps } from "./steps";
import { treeOf } from "./tree";

/** Where OpenClaw's image has the parser of a configuration with comments. */
export const JSON5 = "image/node_modules/json5.js";

export type Shell = "dash" | "bash" | "busybox";

interface MachineOptions {
  readonly diskKiB?: number;
  readonly directory?: string;
}

/** A directory that stands for a VPS: a Compose project of an operator, a fake docker, and Worker and gateway beside it. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "host-program-"));
  /** The Compose project. */
  readonly project: string;
  readonly state: string;
  readonly configFile: string;
  readonly envFile: string;
  readonly #machine = join(this.root, "machine");
  /** What happens to the run that follows. */
  readonly steps = new Steps(this.#machine);
  readonly #server: Server;
  /** How many more times the Worker answers that it is not ready, and the gateway that it knows no such token. */
  workerNotReady = 0;
  /** Seconds that a run waits for Worker and service: few only where it is in vain, as a machine may be slow. */
  patience = 60;
  port = 0;
  #user: number | undefined;
  #mounted = false;
  #tools = "/usr/local/bin:/usr/bin:/bin";

  private constructor(directory: string) {
    this.project = join(this.root, directory);
    this.state = join(this.project, ".openclaw-ai-gateway");
    this.configFile = join(this.project, "state", "openclaw.json");
    this.envFile = join(this.project, ".env");
    this.#server = createServer((request, response) => {
      if (request.method === "POST") return answerAsGateway(request, response, this.workerNotReady-- <= 0);
      const worker = request.headers.authorization !== undefined;
      const accepted = request.headers.authorization === `Bearer ${TOKEN}` && this.workerNotReady-- <= 0;
      const good = request.url === "/readyz" && (worker ? accepted : this.#openclawReady());
      response.writeHead(good ? 200 : 503, { "content-type": "application/json" });
      response.end(JSON.stringify({ ready: good }));
    });
  }

  /**
   * @param options.diskKiB size of the project's file system; only root may ask for one of its own
   * @param options.directory name of the project's directory
   */
  static async create({ diskKiB, directory = "openclaw project" }: MachineOptions = {}): Promise<Machine> {
    const machine = new Machine(directory);
    if (diskKiB !== undefined) machine.#mountDisk(diskKiB);
    await new Promise<void>((resolve) => machine.#server.listen(0, "127.0.0.1", resolve));
    machine.port = (machine.#server.address() as AddressInfo).port;
    mkdirSync(join(machine.root, "tmp"));
    installDocker(machine.#machine);
    machine.setOpenClawVersion("2026.9.6");
    machine.set("compose-version", "2.40.3\n");
    machine.behave({});
    machine.#writeProject();
    return machine;
  }

  async remove(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.#mounted) runOrThrow('umount "openclaw project"', this.root, process.env.PATH ?? "");
    this.#mounted = false;
    rmSync(this.root, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get gatewayUrl(): string {
    return this.url + GATEWAY_PATH;
  }

  behave(change: Partial<Behaviour>): void {
    writeFileSync(join(this.#machine, "behaviour.json"), JSON.stringify({ ...GOOD, ...change }));
  }

  /** The operator's `docker compose up -d`, with further options of `docker compose`. */
  start(options = ""): void {
    const command = `docker compose ${options} up -d --no-deps --no-build openclaw-gateway`;
    runOrThrow(command, this.project, this.#path());
  }

  /** The operator's `docker compose stop`. */
  stop(options = ""): void {
    runOrThrow(`docker compose ${options} stop openclaw-gateway`, this.project, this.#path());
  }

  /** {@link start} with this list of compose files, whatever `.env` says. */
  startWith(files: string): void {
    const command = `COMPOSE_FILE='${files}' docker compose up -d --no-deps --no-build openclaw-gateway`;
    runOrThrow(command, this.project, this.#path());
  }

  file(name: string): string {
    return readFileSync(join(this.project, name), "utf8");
  }

  write(name: string, text: string, mode = 0o600): void {
    writeFileSync(join(this.project, name), text, { mode });
    chmodSync(join(this.project, name), mode);
  }

  /** Path, mode, owner and content of everything below the project directory. */
  tree(): Record<string, string> {
    return treeOf(this.project);
  }

  /** Arguments of every `docker` call so far. */
  dockerCalls(): string {
    return read(join(this.#machine, "calls.log"));
  }

  /** One line per new container: service, id, `new` (with our variables) or `own`. */
  starts(): string[] {
    return read(join(this.#machine, "starts.log")).split("\n").filter(Boolean);
  }

  /** One line for each container that was stopped: service and the seconds that it got. */
  stops(): string[] {
    return read(join(this.#machine, "stops.log")).split("\n").filter(Boolean);
  }

  removeContainers(): void {
    for (const name of this.#containers()) rmSync(join(this.#machine, "containers", name));
  }

  /** What serves now: the operator's configuration, ours, or nothing. */
  serving(): "own" | "new" | "nothing" {
    const environment = this.#runningEnvironment();
    if (environment === undefined) return "nothing";
    return /AI_GATEWAY_WORKER_URL|"CLOUDFLARE_AIG_TOKEN":"ourrun_/.test(environment) ? "new" : "own";
  }

  #runningEnvironment(): string | undefined {
    const lines = this.#containers().map((name) => read(join(this.#machine, "containers", name)).split("\n"));
    return lines.find(([, running]) => running === "true")?.[7];
  }

  /** One line per question to a model: its name, `new` or `own`. */
  turns(): string[] {
    return read(join(this.#machine, "turns.log")).split("\n").filter(Boolean);
  }

  /** The environment of what serves now. */
  environment(): Record<string, string> {
    return JSON.parse(this.#runningEnvironment() ?? "{}");
  }

  /** The configuration that OpenClaw was made to read outside its gateway. */
  observed(): string {
    return read(join(this.#machine, "observed"));
  }

  set(name: Switch | typeof JSON5, text: string): void {
    writeFileSync(join(this.#machine, name), text);
  }

  unset(name: Switch): void {
    rmSync(join(this.#machine, name));
  }

  setOpenClawVersion(version: string): void {
    writeFileSync(join(this.#machine, "image/package.json"), JSON.stringify({ name: "openclaw", version }));
  }

  /** From now on Docker answers root alone, and the user is somebody else unless `sudo` runs the command. */
  denyDocker(): void {
    this.set("docker-needs-root", "");
    this.#script(
      "id",
      `#!/bin/sh\n[ "$*" != -u ] || [ -n "\${FAKE_ROOT-}" ] || { echo 65534; exit; }\nexec /usr/bin/id "$@"\n`,
    );
    // The program keeps what is not Docker's from Docker; here the mark of root has to get through.
    this.#script(
      "env",
      `#!/bin/sh\n[ -z "\${FAKE_ROOT-}" ] || [ "$1" != -i ] || { shift; set -- -i FAKE_ROOT=1 "$@"; }\nexec /usr/bin/env "$@"\n`,
    );
  }

  /** From now on a second of the host's shell takes a `factor` less; busybox has a clock of its own. */
  hurry(factor: number): void {
    for (const [name, text] of Object.entries(hurriedClock(factor))) this.#script(name, text);
  }

  /** `sudo` that asks for no password. */
  allowSudo(): void {
    this.#script("sudo", '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nFAKE_ROOT=1 exec "$@"\n');
  }

  /** The same with a real change of user, of who is logged in as somebody else. False: this machine cannot. */
  allowRealSudo(): boolean {
    const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find(existsSync);
    if (setpriv === undefined) return false;
    const asRoot = join(this.#machine, "bin", "as-root");
    cpSync(setpriv, asRoot);
    chmodSync(asRoot, 0o4755);
    this.#script(
      "sudo",
      '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nexec as-root --reuid 0 --regid 0 --clear-groups "$@"\n',
    );
    return spawnSync(asRoot, ["--reuid", "0", "true"], { uid: 1234, gid: 1234 }).status === 0;
  }

  /** From now on everything belongs to this user, and the program runs as him. */
  giveTo(user: number): void {
    this.#user = user;
    giveAll(this.root, user);
  }

  /** From now on the program runs as this user, to whom the stand-in's own files belong. */
  logInAs(user: number): void {
    this.#user = user;
    giveAll(this.#machine, user);
  }

  /** The operator edits a file: a program for Node, with `fs`. */
  edit(program: string): void {
    runOrThrow(`node '${this.steps.writeEdit(program)}'`, this.project, this.#path());
  }

  stdin(change: Partial<HostPayload> = {}): string {
    return hostStdin(hostProgram(), {
      stack: "dev",
      host: "vps1",
      directory: this.project,
      service: "openclaw-gateway",
      entry: "dist/index.js",
      seal: SEAL,
      names: LLM_PROVIDERS.flatMap((provider) => provider.keyEnvNames).join(" "),
      patterns: JSON.stringify(LLM_PROVIDERS.flatMap((provider) => provider.keyPattern?.source ?? [])),
      "worker-url": this.url,
      token: TOKEN,
      patch: JSON.stringify(openclawPatch({ providers: LLM_PROVIDERS, routes: [{ name: "support" }] })),
      model: "anthropic/claude-sonnet-4-6",
      drain: "5",
      "worker-wait": String(this.patience),
      "ready-wait": String(this.patience),
      ...change,
    });
  }

  /** The same for a host that calls the gateway itself. */
  directStdin(change: Partial<HostPayload> = {}): string {
    const direct = { gatewayUrl: this.gatewayUrl, host: "vps1" };
    const patch = openclawPatch({ providers: LLM_PROVIDERS, routes: [{ name: "support" }], direct });
    return this.stdin({
      access: "direct",
      "gateway-url": this.gatewayUrl,
      "worker-url": "",
      token: RUN_TOKEN,
      patch: JSON.stringify(patch),
      ...change,
    });
  }

  async run(
    verb: HostVerb,
    options: { shell?: Shell; stdin?: string; programs?: string; tmp?: string } = {},
  ): Promise<Ran> {
    const { child, ended } = this.begin(verb, options);
    child.stdin?.end(options.stdin ?? this.stdin());
    return ended;
  }

  /** As sshd starts it, in a process group of its own, with further `programs` first on its PATH. */
  begin(
    verb: HostVerb,
    {
      shell = "dash",
      programs,
      tmp = join(this.root, "tmp"),
    }: { shell?: Shell; programs?: string; tmp?: string } = {},
  ): { child: ChildProcess; ended: Promise<Ran> } {
    // As `hostCommand` has it, with the shell under test in the place of `sh`.
    const [program, ...first] = shell === "busybox" ? ["busybox", "sh"] : [shell];
    const child = spawn(program ?? shell, [...first, "-c", HOST_SCRIPT, "x", verb], {
      env: { PATH: this.#path(programs), HOME: this.root, TMPDIR: tmp },
      cwd: this.root,
      detached: true,
      ...(this.#user === undefined ? {} : { uid: this.#user, gid: this.#user }),
    });
    writeFileSync(join(this.#machine, "group"), String(child.pid));
    return { child, ended: outcome(child) };
  }

  /** Runs a command line on this machine, with further programs first on its PATH. */
  byHand(command: string, programs: string): Promise<Ran> {
    const child = spawn("sh", ["-c", command], {
      env: { PATH: this.#path(programs), HOME: this.root, TMPDIR: join(this.root, "tmp") },
      cwd: this.root,
    });
    return outcome(child);
  }

  /** From now on the host has none of these programs. */
  hide(...programs: string[]): void {
    const kept = join(this.#machine, "kept");
    mkdirSync(kept);
    for (const name of TOOLS.filter((tool) => !programs.includes(tool))) {
      const found = ["/usr/bin", "/bin"].map((place) => join(place, name)).find(existsSync);
      if (found) symlinkSync(found, join(kept, name));
    }
    this.#tools = kept;
  }

  #path(first?: string): string {
    return [...(first === undefined ? [] : [first]), join(this.#machine, "bin"), this.#tools].join(":");
  }

  #containers(): string[] {
    return readdirSync(join(this.#machine, "containers")).filter((name) =>
      name.endsWith(".openclaw-gateway"),
    );
  }

  #openclawReady(): boolean {
    const behaviour = JSON.parse(read(join(this.#machine, "behaviour.json"))) as Behaviour;
    const serving = this.serving();
    return serving === "own" ? behaviour.ready || behaviour.onlyNew : serving === "new" && behaviour.ready;
  }

  /** A program of this machine. */
  #script(name: string, text: string): void {
    addProgram(this.#machine, name, text);
  }

  #mountDisk(kib: number): void {
    mkdirSync(this.project);
    const command = `mount -t tmpfs -o size=${kib}k,mode=755 tmpfs "openclaw project"`;
    runOrThrow(command, this.root, process.env.PATH ?? "");
    this.#mounted = true;
  }

  #writeProject(): void {
    mkdirSync(join(this.project, "state"), { recursive: true, mode: 0o700 });
    cpSync(join(__dirname, "fake-docker", "docker-compose.yml"), join(this.project, "docker-compose.yml"));
    this.write(
      ".env",
      [
        "# OpenClaw",
        `OPENCLAW_DIRECTORY=${join(this.project, "state")}`,
        `OPENCLAW_GATEWAY_PORT=${this.port}`,
        ...Object.entries(KEYS).map(([name, value]) => `${name}=${value}`),
        "TZ=UTC",
        "",
      ].join("\n"),
      0o640,
    );
    this.write("state/openclaw.json", CONFIG);
  }
}
