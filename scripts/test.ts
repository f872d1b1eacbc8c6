import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Command, type Frame, runCommand } from "./lib/command";
import { Interrupted } from "./lib/interruption";
import type { Options, Values } from "./lib/options";
import { run } from "./lib/run";
import { prepare, type Toolchain } from "./setup";

const TEST = {
  name: "test",
  summary: `
Type check, lint and every layer of tests, with the time of each part. Ends with
\`N passed, N failed\`. Does all the set-up that it needs.`,
  options: { unit: { type: "flag", text: "only the layers that need no set-up" } },
  examples: [
    ["", "all of it"],
    ["--unit", "the fast part; the same as npm run test:unit"],
  ],
  exitCodes: { 0: "all passed", 1: "something failed" },
} as const satisfies Command<Options>;

const root = resolve(__dirname, "..");

/** Layers that need nothing but the npm packages, and those that need the engine, Docker and sshd. */
const QUICK = ["unit"];
const FULL = ["worker", "local", "host", "e2e"];

interface Part {
  name: string;
  seconds: number;
  passed: number;
  failed: number;
}

async function test({ unit }: Values<typeof TEST.options>, frame: Frame): Promise<number> {
  const jest = (layer: string) => testLayer(frame, layer);
  const parts: Part[] = [];
  parts.push(await check(frame, "type check", "tsc", ["--noEmit"]));
  parts.push(await check(frame, "type check, Worker", "tsc", ["--noEmit", "-p", "infra/worker"]));
  parts.push(await check(frame, "lint and format", "biome", ["check", "."]));
  for (const layer of QUICK) parts.push(await jest(layer));
  if (!unit) parts.push(...(await withToolchain(frame, () => inTurn(FULL, jest))));
  frame.print(report(parts));
  return parts.every(({ failed }) => failed === 0) ? 0 : 1;
}

/** Holds the prepared toolchain for all layers, so that no layer starts and stops Docker for itself. */
async function withToolchain({ progress }: Frame, layers: () => Promise<Part[]>): Promise<Part[]> {
  let toolchain: Toolchain | undefined;
  const started = Date.now();
  try {
    toolchain = await prepare(progress);
    const setUp: Part = { name: "set-up", seconds: secondsSince(started), passed: 1, failed: 0 };
    return [setUp, ...(await layers())];
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    console.error(error instanceof Error ? error.message : error);
    return [{ name: "set-up", seconds: secondsSince(started), passed: 0, failed: 1 }];
  } finally {
    await toolchain?.close();
  }
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

async function check(frame: Frame, name: string, program: string, args: readonly string[]): Promise<Part> {
  const started = Date.now();
  const ok = await passes(frame, name, program, args, "inherit");
  return { name, seconds: secondsSince(started), passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

async function testLayer(frame: Frame, layer: string): Promise<Part> {
  const started = Date.now();
  const name = `tests: ${layer}`;
  const directory = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  try {
    const outputFile = join(directory, "jest.json");
    const args = ["--selectProjects", layer, "--json", "--outputFile", outputFile, "--maxWorkers", "2"];
    // --json prints the report on stdout as well; people want the running text, which goes to stderr.
    const ok = await passes(frame, name, "jest", args, "stderr");
    const { passed, failed } = jestCounts(outputFile);
    // A layer that ended badly without a failed test (a crash, a leak at exit, no test at all) is a failure too.
    return { name, seconds: secondsSince(started), passed, failed: ok ? failed : Math.max(failed, 1) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs one of the project's own tools, with its output on the terminal. */
async function passes(
  { progress, interruption }: Frame,
  title: string,
  program: string,
  args: readonly string[],
  output: "inherit" | "stderr",
): Promise<boolean> {
  const file = join(root, "node_modules", ".bin", program);
  interruption.signal.throwIfAborted();
  try {
    await progress.passthrough(title, async () => {
      const { exitCode } = await run(file, args, { cwd: root, output, signal: interruption.signal });
      if (exitCode !== 0) throw new Error(`${program} ended with code ${exitCode}`);
    });
    return true;
  } catch {
    return false; // The tool has said why.
  }
}

function jestCounts(outputFile: string): { passed: number; failed: number } {
  try {
    const report = JSON.parse(readFileSync(outputFile, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numRuntimeErrorTestSuites: number;
    };
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

function report(parts: readonly Part[]): string {
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  const rows = parts.map((part) => {
    const time = `${part.seconds.toFixed(0)} s`;
    return `${part.name.padEnd(24)}${time.padStart(6)}${String(part.passed).padStart(10)}${String(part.failed).padStart(8)}`;
  });
  return [
    "",
    "part                      time    passed  failed",
    ...rows,
    "",
    `${passed} passed, ${failed} failed`,
  ].join("\n");
}

function secondsSince(started: number): number {
  return (Date.now() - started) / 1000;
}

void runCommand(TEST, test);
