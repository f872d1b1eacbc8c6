import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { type Finished, type RunOptions, run } from "../lib/run";
import type { Engine } from "../setup/engine";

const checkout = resolve(__dirname, "..", "..");

/** Project name of `Pulumi.yaml`, the name space of the configuration keys. */
const PROJECT = "openclaw-ai-gateway";

export interface LocalStackOptions {
  engine: Engine;
  /** Stack name; with the project it names every object at Cloudflare. Default: `dev`. */
  name?: string;
  /** Folder of the program. Default: this checkout. */
  program?: string;
  /** Plain configuration, by full key: `{"openclaw-ai-gateway:accountId": "…"}`. */
  config: Record<string, unknown>;
  /** Secret configuration, by full key or path: `{"openclaw-ai-gateway:hosts[0].privateKey": "…"}`. */
  secrets: Record<string, string>;
}

/**
 * A stack that lives in a temporary directory: its own state backend, pass phrase and stack file, so that runs beside
 * each other, and a real `Pulumi.<stack>.yaml` in the checkout, never meet. Driven through the real CLI.
 */
export class LocalStack {
  readonly name: string;
  /** Holds the stack file, the pass phrase (0600) and the state backend. */
  readonly directory: string;
  readonly configFile: string;
  readonly #engine: Engine;
  readonly #program: string;

  private constructor(options: LocalStackOptions) {
    this.name = options.name ?? "dev";
    this.directory = mkdtempSync(join(tmpdir(), "openclaw-stack-"));
    this.configFile = join(this.directory, `Pulumi.${this.name}.yaml`);
    this.#engine = options.engine;
    this.#program = options.program ?? checkout;
  }

  static async create(options: LocalStackOptions): Promise<LocalStack> {
    const stack = new LocalStack(options);
    try {
      await stack.#initialise();
      stack.configure(options.config);
      for (const [path, value] of Object.entries(options.secrets)) await stack.setSecret(path, value);
      return stack;
    } catch (error) {
      stack.dispose();
      throw error;
    }
  }

  /** Environment of every `pulumi` call against this stack; also what a person needs to go on by hand. */
  environment(): NodeJS.ProcessEnv {
    // An API token or an SSH agent of the person at the keyboard has no business in a local run.
    const {
      CLOUDFLARE_API_TOKEN: _token,
      CLOUDFLARE_BASE_URL: _url,
      SSH_AUTH_SOCK: _agent,
      ...inherited
    } = process.env;
    return { ...inherited, ...this.#engine.env(), ...this.settings() };
  }

  /** The variables that point the CLI at this stack. The pass phrase is a file: an environment can be read by others. */
  settings(): Record<string, string> {
    return {
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(this.directory, "passphrase"),
    };
  }

  /** Merges plain values into the stack file; `undefined` removes a key. */
  configure(values: Record<string, unknown>): void {
    const file = parse(readFileSync(this.configFile, "utf8")) as { config?: Record<string, unknown> };
    const config = { ...file.config };
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) delete config[key];
      else config[key] = value;
    }
    writeFileSync(this.configFile, stringify({ ...file, config }), { mode: 0o600 });
  }

  /** A plain value of the stack file. */
  config(key: string): unknown {
    return (parse(readFileSync(this.configFile, "utf8")) as { config?: Record<string, unknown> }).config?.[
      key
    ];
  }

  /** Encrypts one value into the stack file. The value goes through standard input. */
  async setSecret(path: string, value: string): Promise<void> {
    await this.#inDirectory(["config", "set", "--path", "--secret", path], { input: value });
  }

  up(...flags: string[]): Promise<Finished> {
    return this.pulumi(["up", "--yes", "--skip-preview", ...flags]);
  }

  preview(...flags: string[]): Promise<Finished> {
    return this.pulumi(["preview", ...flags]);
  }

  refresh(...flags: string[]): Promise<Finished> {
    return this.pulumi(["refresh", "--yes", "--skip-preview", ...flags]);
  }

  destroy(...flags: string[]): Promise<Finished> {
    return this.pulumi(["destroy", "--yes", "--skip-preview", ...flags]);
  }

  /** All outputs; secret ones in clear only when asked for. */
  async outputs(showSecrets = false): Promise<Record<string, unknown>> {
    const flags = showSecrets ? ["--show-secrets"] : [];
    const { stdout } = await this.#inDirectory(["stack", "output", "--json", "--stack", this.name, ...flags]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** The state as it lies in the backend: secrets are ciphertext in it. */
  async exportState(): Promise<string> {
    return (await this.#inDirectory(["stack", "export", "--stack", this.name])).stdout;
  }

  /** Runs `pulumi` on the program with this stack; resolves whatever the exit code. */
  pulumi(args: readonly string[], options: Pick<RunOptions, "output"> = {}): Promise<Finished> {
    const interactive = options.output === "inherit" && process.stdout.isTTY;
    const flags = ["--stack", this.name];
    // `pulumi stack …` works on the state and knows no stack file.
    if (args[0] !== "stack") flags.push("--config-file", this.configFile);
    if (!interactive) flags.push("--non-interactive");
    return run(this.#engine.pulumi, [...args, ...flags], {
      cwd: this.#program,
      env: this.environment(),
      ...options,
    });
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #initialise(): Promise<void> {
    // `pulumi stack init` writes the stack file beside the Pulumi.yaml that it finds. One of our own here keeps the
    // checkout clean; every later command gets this stack file by --config-file.
    writeFileSync(join(this.directory, "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
    writeFileSync(join(this.directory, "passphrase"), randomBytes(24).toString("base64url"), { mode: 0o600 });
    mkdirSync(join(this.directory, "state"));
    await this.#inDirectory(["stack", "init", this.name, "--non-interactive"]);
  }

  async #inDirectory(args: readonly string[], options: Pick<RunOptions, "input"> = {}): Promise<Finished> {
    const finished = await run(this.#engine.pulumi, args, {
      cwd: this.directory,
      env: this.environment(),
      ...options,
    });
    if (finished.exitCode !== 0) {
      throw new Error(
        `pulumi ${args.join(" ")} ended with code ${finished.exitCode}:\n${finished.stderr || finished.stdout}`,
      );
    }
    return finished;
  }
}
