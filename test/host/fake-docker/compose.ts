import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import timers from "node:timers/promises";
import { runInThisContext } from "node:vm";
import { parse } from "yaml";
import { isOurs } from "./ours";

/** The part of Compose's behaviour that the host program relies on; see README.md. */

interface Service {
  environment?: Record<string, string | null> | string[];
  env_file?: (string | { path: string; required?: boolean })[];
  volumes?: string[];
  command?: string[];
  pull_policy?: string;
}
type Effective = {
  environment: Record<string, string>;
  volumes: { type: string; source: string; target: string }[];
  command: string[] | null;
  pull_policy?: string;
};

const [machine = "", ...args] = process.argv.slice(2);
const behaviour = JSON.parse(readFileSync(join(machine, "behaviour.json"), "utf8")) as {
  start: "ok" | "crash" | "unhealthy" | "refuse";
  clock: number;
  /** Only containers that have our variables behave so; the others are well. */
  onlyNew: boolean;
};

function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function takeOption(name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}

if (args.shift() !== "compose") fail(64, `fake docker: not emulated: ${process.argv.slice(3).join(" ")}`);
const command = args.find((word) => ["config", "up", "stop", "run", "exec"].includes(word)) ?? "";
const globals = args.splice(0, args.indexOf(command));
args.shift();
const isDryRun = globals[0] === "--dry-run" && globals.shift() !== undefined;
const directory = option(globals, "--project-directory") ?? process.cwd();
const envFile = option(globals, "--env-file") ?? join(directory, ".env");
const known = ["--project-directory", "--env-file", "--profile", "-p"];
if (globals.some((word, index) => index % 2 === 0 && !known.includes(word)))
  fail(64, `fake docker: ${globals}`);

function option(words: string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

/** As the real one, tried with 2.40 and 5.0: `NAME: value` too, and ` #` begins a comment. Without values over several lines. */
function readEnvFile(path: string): Record<string, string> {
  const values: Record<string, string> = {};
  if (!existsSync(path)) return values;
  for (const line of readFileSync(path, "utf8").split(/\r?\n/)) {
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]\s*(?:(["'])(.*)\2\s*(?:#.*)?|(.*))$/.exec(line);
    if (!match?.[1]) fail(1, `failed to read ${path}: unexpected line`);
    values[match[1]] = match[3] ?? (match[4] ?? "").replace(/ #.*/, "").trimEnd();
  }
  return values;
}

const projectEnv = readEnvFile(envFile);
const composeFiles = (process.env.COMPOSE_FILE ?? projectEnv.COMPOSE_FILE)?.split(
  projectEnv.COMPOSE_PATH_SEPARATOR ?? ":",
) ?? [
  "docker-compose.yml",
  ...(existsSync(join(directory, "docker-compose.override.yml")) ? ["docker-compose.override.yml"] : []),
];

/** Compose's name for the project; `docker.sh` has the same rule. */
const project =
  option(globals, "-p") ??
  process.env.COMPOSE_PROJECT_NAME ??
  projectEnv.COMPOSE_PROJECT_NAME ??
  basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "");

function containerFile(name: string): string {
  return join(machine, "containers", `${project}.${name}`);
}

function interpolate(text: string): string {
  return text.replace(/\$(?:\$|\{([A-Z0-9_]+)(?::-([^}]*))?\})/g, (all, name?: string, fallback?: string) =>
    all === "$$" ? "$" : projectEnv[name ?? ""] || (fallback ?? ""),
  );
}

function environmentOf(service: Service): Record<string, string> {
  const pairs = Array.isArray(service.environment)
    ? service.environment.map((entry) => entry.split(/=(.*)/s).slice(0, 2))
    : Object.entries(service.environment ?? {});
  return Object.fromEntries(
    pairs.map(([name = "", value]) => [name, interpolate(String(value ?? projectEnv[name] ?? ""))]),
  );
}

function effective(): Record<string, Effective> {
  const services: Record<string, Effective> = {};
  for (const file of composeFiles) {
    const path = resolve(directory, file);
    if (!existsSync(path)) fail(14, `open ${path}: no such file or directory`);
    const document = parse(readFileSync(path, "utf8")) as { services?: Record<string, Service> } | null;
    for (const [name, service] of Object.entries(document?.services ?? {})) {
      const before = services[name] ?? { environment: {}, volumes: [], command: null };
      const fromFiles = (service.env_file ?? []).map((entry) =>
        readEnvFile(resolve(directory, typeof entry === "string" ? entry : entry.path)),
      );
      services[name] = {
        environment: Object.assign({}, before.environment, ...fromFiles, environmentOf(service)),
        volumes: [...before.volumes, ...(service.volumes ?? []).map(mount)],
        command: service.command?.map(interpolate) ?? before.command,
        ...(service.pull_policy ? { pull_policy: service.pull_policy } : {}),
      };
    }
  }
  return services;
}

/** A source without a path is the name of a volume. */
function mount(text: string): { type: string; source: string; target: string } {
  const [source = "", target = ""] = interpolate(text).split(":");
  if (!/^[./]/.test(source)) return { type: "volume", source, target };
  return { type: "bind", source: resolve(directory, source), target };
}

const services = effective();

function service(name: string | undefined): Effective {
  return services[name ?? ""] ?? fail(1, `no such service: ${name}`);
}

/** Seconds that Compose gives a container which it replaces, unless `-t` says otherwise. */
const OWN_GRACE = "10";

function up(name: string, grace: string): void {
  const { environment } = service(name);
  const file = containerFile(name);
  const hash = createHash("sha256").update(JSON.stringify(services[name])).digest("hex").slice(0, 12);
  const old = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const affected = !behaviour.onlyNew || isOurs(environment);
  const start = affected ? behaviour.start : "ok";
  const isRunning = old[1] === "true";
  if (isDryRun) {
    process.stderr.write(
      ` DRY-RUN MODE -  Container ${name} ${old[6] === hash && isRunning ? "Running" : "Recreate"}\n`,
    );
    return;
  }
  if (start === "refuse") fail(1, "Error response from daemon: driver failed");
  if (old[6] === hash && isRunning && start === "ok") return;
  if (isRunning) noteStop(name, grace);
  const serial =
    Number(existsSync(join(machine, "serial")) ? readFileSync(join(machine, "serial"), "utf8") : 0) + 1;
  writeFileSync(join(machine, "serial"), String(serial));
  const [restarts, health] =
    start === "crash" ? [3, "none"] : [0, start === "unhealthy" ? "unhealthy" : "healthy"];
  const id = old[6] === hash && start === "ok" ? old[0] : `c${serial}`;
  mkdirSync(join(machine, "containers"), { recursive: true });
  const lines = [
    id,
    start !== "crash",
    start === "crash",
    restarts,
    health,
    directory,
    hash,
    JSON.stringify(environment),
    composeFiles.map((path) => resolve(directory, path)).join(","),
    project,
    name,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  appendFileSync(join(machine, "starts.log"), `${name} ${id} ${isOurs(environment) ? "new" : "own"}\n`);
}

function stop(name: string, grace: string): void {
  const file = containerFile(name);
  if (!existsSync(file)) return;
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines[1] === "true") noteStop(name, grace);
  lines[1] = "false";
  lines[2] = "false";
  writeFileSync(file, lines.join("\n"));
}

function noteStop(name: string, grace: string): void {
  appendFileSync(join(machine, "stops.log"), `${name} ${grace}\n`);
}

/** What a step measures and waits by. */
function hurry(factor: number): void {
  const base = Date.now();
  const [realNow, realSleep] = [Date.now, timers.setTimeout];
  Date.now = () => base + (realNow() - base) * factor;
  timers.setTimeout = ((ms: number, ...rest: []) => realSleep(ms / factor, ...rest)) as typeof realSleep;
}

/** `node -e PROGRAM STEP` with this environment, in this very process: the start of another would take the most time. */
function runNode(environment: Record<string, string>, words: string[]): void {
  const [flag, program = "", ...rest] = words;
  if (flag !== "-e") fail(64, `fake docker: node ${words[0]}`);
  process.chdir(join(machine, "image"));
  process.env = { PATH: process.env.PATH, HOME: machine, ...environment };
  process.argv = [process.execPath, ...rest];
  if (behaviour.clock !== 1) hurry(behaviour.clock);
  runInThisContext(`(require) => {${program}}`)(createRequire(join(machine, "image", "index.js")));
}

switch (command) {
  case "config":
    if (args.join(" ") === "-q") break;
    if (args.join(" ") === "--services") process.stdout.write(`${Object.keys(services).join("\n")}\n`);
    else if (args.join(" ") === "--format json") process.stdout.write(JSON.stringify({ services }));
    else fail(64, `fake docker: compose config ${args}`);
    break;
  case "up": {
    const grace = takeOption("-t") ?? OWN_GRACE;
    const [detached, noDeps, noBuild, ...names] = args;
    if (detached !== "-d" || noDeps !== "--no-deps" || noBuild !== "--no-build")
      fail(64, `fake docker: up ${args}`);
    for (const name of names) up(name, grace);
    break;
  }
  case "stop": {
    const grace = takeOption("-t") ?? OWN_GRACE;
    for (const name of args) stop(name, grace);
    break;
  }
  case "run": {
    if (!takeOption("--name")?.startsWith("openclaw-ai-gateway-"))
      fail(64, "fake docker: run without a name");
    takeOption("--pull");
    const name = args[5];
    if (args.slice(0, 5).join(" ") !== "-T --rm --no-deps --entrypoint node")
      fail(64, `fake docker: run ${args}`);
    runNode(service(name).environment, args.slice(6));
    break;
  }
  case "exec": {
    const [tty, name = "", node, ...words] = args;
    const file = containerFile(name);
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    if (tty !== "-T" || node !== "node") fail(64, `fake docker: exec ${args}`);
    if (lines[1] !== "true") fail(1, `service "${name}" is not running`);
    runNode(JSON.parse(lines[7] ?? "{}") as Record<string, string>, words);
    break;
  }
  default:
    fail(64, `fake docker: not emulated: compose ${command}`);
}
