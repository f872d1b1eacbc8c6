import { resolve } from "node:path";
import { type Finished, type RunOptions, run } from "./run";

const checkout = resolve(__dirname, "..", "..");

/** The operator's own stack, through the `pulumi` on PATH and with the operator's own log-in. */
export class OperatorStack {
  readonly name: string;
  readonly #configFile: string | undefined;

  /** @param configFile the stack's file, where it is not `Pulumi.<stack>.yaml` */
  constructor(name: string, configFile?: string) {
    this.name = name;
    this.#configFile = configFile;
  }

  /** Runs `pulumi` with its output on the terminal. */
  async show(args: readonly string[]): Promise<number> {
    return (await this.#run(args, { output: "inherit" })).exitCode;
  }

  /**
   * What `pulumi` prints.
   *
   * @throws Error with what it said when it fails
   */
  async read(args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#run(args, {});
    if (exitCode !== 0) {
      throw new Error(`pulumi ${args.slice(0, 2).join(" ")} ended with code ${exitCode}: ${stderr.trim()}`);
    }
    return stdout;
  }

  /** A key of the project, secrets in clear: never to be printed. Undefined when it is not set. */
  async config(key: string): Promise<unknown> {
    const all = JSON.parse(await this.read(["config", "--json", "--show-secrets"])) as Record<
      string,
      { value?: string; objectValue?: unknown } | undefined
    >;
    const entry = all[`openclaw-ai-gateway:${key}`];
    return entry?.objectValue ?? entry?.value;
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.read(["stack", "output", "--json"])) as Record<string, unknown>;
  }

  #run(args: readonly string[], options: RunOptions): Promise<Finished> {
    // `pulumi stack …` works on the state and knows no stack file.
    const file =
      this.#configFile === undefined || args[0] === "stack" ? [] : ["--config-file", this.#configFile];
    return run("pulumi", [...args, "--stack", this.name, ...file], { cwd: checkout, ...options });
  }
}
