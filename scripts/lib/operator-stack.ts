import { resolve } from "node:path";
import type { ExportedStack } from "../../infra/stack-status";
import { CannotRun } from "./command";
import { projectName } from "./project";
import { type Finished, type RunOptions, run } from "./run";

const checkout = resolve(__dirname, "..", "..");

/** `pulumi config --json`: what is set, by full key. */
export type Settings = Readonly<
  Record<string, { readonly value?: string; readonly objectValue?: unknown } | undefined>
>;

export interface OperatorStackOptions {
  /** Its name; the selected stack's when left out. */
  readonly stack: string | undefined;
  /** The stack's file, where it is not `Pulumi.<stack>.yaml`. */
  readonly configFile?: string | undefined;
  /** Ends every `pulumi` that runs. */
  readonly signal: AbortSignal;
}

/** The operator's own stack, through the `pulumi` on PATH and with the operator's own log-in. */
export class OperatorStack {
  readonly name: string;
  readonly #configFile: string | undefined;
  readonly #signal: AbortSignal;

  private constructor(name: string, { configFile, signal }: OperatorStackOptions) {
    this.name = name;
    this.#configFile = configFile;
    this.#signal = signal;
  }

  /** @throws CannotRun when no stack is named and none is selected */
  static async open(options: OperatorStackOptions): Promise<OperatorStack> {
    return new OperatorStack(options.stack ?? (await selectedStack(options.signal)), options);
  }

  /** The same stack for what is still to be said after an interruption. */
  uninterrupted(): OperatorStack {
    const { signal } = new AbortController();
    return new OperatorStack(this.name, { stack: this.name, configFile: this.#configFile, signal });
  }

  /**
   * Runs `pulumi` with its output on the terminal.
   *
   * @param env added to its environment
   */
  async show(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
    return (await this.#run(args, { output: "inherit", env: { ...process.env, ...env } })).exitCode;
  }

  /**
   * What `pulumi` prints.
   *
   * @throws Error with what it said when it fails
   */
  read(args: readonly string[]): Promise<string> {
    return this.#read(args, {});
  }

  /** Encrypts a value into the configuration. It travels through standard input. */
  async setSecret(path: string, value: string): Promise<void> {
    await this.#read(["config", "set", "--path", "--secret", path], { input: value });
  }

  async #read(args: readonly string[], options: RunOptions): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#run(args, options);
    if (exitCode !== 0) {
      throw new Error(`pulumi ${args.slice(0, 2).join(" ")} ended with code ${exitCode}: ${stderr.trim()}`);
    }
    return stdout;
  }

  /** The configuration by full key, secrets in clear: never to be printed. */
  async settings(): Promise<Settings> {
    return JSON.parse(await this.read(["config", "--json", "--show-secrets"])) as Settings;
  }

  /** A key of the project, secrets in clear: never to be printed. Undefined when it is not set. */
  async config(key: string): Promise<unknown> {
    const entry = (await this.settings())[`${projectName()}:${key}`];
    return entry?.objectValue ?? entry?.value;
  }

  /** The state, secrets in clear: never to be printed. */
  async exported(): Promise<ExportedStack> {
    return JSON.parse(await this.read(["stack", "export", "--show-secrets"])) as ExportedStack;
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.read(["stack", "output", "--json"])) as Record<string, unknown>;
  }

  async #run(args: readonly string[], options: RunOptions): Promise<Finished> {
    // `pulumi stack …` works on the state and knows no stack file.
    const file =
      this.#configFile === undefined || args[0] === "stack" ? [] : ["--config-file", this.#configFile];
    this.#signal.throwIfAborted(); // Between two steps: the next one does not begin.
    const signal = this.#signal;
    return run("pulumi", [...args, "--stack", this.name, ...file], { cwd: checkout, signal, ...options });
  }
}

async function selectedStack(signal: AbortSignal): Promise<string> {
  const { exitCode, stdout, stderr } = await run("pulumi", ["stack", "--show-name"], {
    cwd: checkout,
    signal,
  });
  if (exitCode === 0) return stdout.trim();
  throw new CannotRun(
    `No stack is named, and none is selected: ${stderr.trim()}\nName one with --stack NAME, or select one: pulumi stack select NAME`,
  );
}
