import { type SpawnOptions, spawn } from "node:child_process";
import { Interrupted } from "./interruption";

/** What a finished program left: its exit code (a signal counts as 128) and what it printed, if it was captured. */
export interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /**
   * Written to standard input; secrets travel here, never in arguments or environment. Default: no input, or the
   * terminal's where the output is inherited too: a program that finds only one of them there is not interactive.
   */
  input?: string;
  /** `capture` (default) collects both streams; `inherit` lets both through; `stderr` lets only that one through. */
  output?: "capture" | "inherit" | "stderr";
  /** Ends the program as Ctrl-C does, which reaches it by itself where it is the terminal's. */
  signal?: AbortSignal;
}

/** Runs a program to its end. Resolves whatever its exit code; rejects only when it cannot be started. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const output = options.output ?? "capture";
  const spawnOptions: SpawnOptions = {
    stdio: [
      options.input !== undefined ? "pipe" : output === "inherit" ? "inherit" : "ignore",
      output === "inherit" ? "inherit" : "pipe",
      output === "capture" ? "pipe" : "inherit",
    ],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, spawnOptions);
    const interrupt = () => {
      const { reason } = options.signal ?? {};
      // A second one would have `pulumi` drop what it is doing.
      if (!(reason instanceof Interrupted && reason.byTerminal)) child.kill("SIGINT");
    };
    options.signal?.addEventListener("abort", interrupt);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      options.signal?.removeEventListener("abort", interrupt);
      resolve({
        exitCode: code ?? 128,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
    child.stdin?.on("error", () => {}); // A child that ends before it has read its input shows in its exit code.
    child.stdin?.end(options.input);
  });
}
