import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { version as workerdVersion } from "workerd/package.json";
import { bundleWorker } from "../infra/cloudflare/worker-bundle";
import {
  type Measurement,
  measureCpu,
  measureFirstAnswer,
  measureInstructions,
  type Setting,
} from "./bench/worker/measure";
import { documentOf, type Report, tableOf } from "./bench/worker/report";
import { BARE, deployedWorker } from "./bench/worker/targets";
import { startUpstream } from "./bench/worker/traffic";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";
import { run } from "./lib/run";

const BENCH_WORKER = {
  name: "bench:worker",
  summary: `
What the deployed Worker costs over \`fetch(request)\`. Prints a table, and writes
it to dist/bench-worker.json and docs/performance.md.`,
  options: { quick: { type: "flag", text: "leaves out what takes long, and writes no page" } },
  examples: [["--quick", "CPU time alone; needs no valgrind"]],
  exitCodes: { 0: "measured", 1: "not measured" },
} as const satisfies Command<Options>;

const root = resolve(__dirname, "..");
const MAX_BUNDLE_BYTES = 10_000;

async function benchWorker(
  { quick }: Values<typeof BENCH_WORKER.options>,
  { print, interruption }: Frame,
): Promise<number> {
  const valgrind = quick ? undefined : await valgrindVersion();
  const code = bundleWorker();
  const measurements = await withSetting(code, (setting) => interruption.race(measureAll(setting, quick)));
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: {
      workerd: workerdVersion,
      Node: process.versions.node,
      ...(valgrind === undefined ? {} : { valgrind }),
    },
    measurements,
    bundle: {
      bytes: Buffer.byteLength(code),
      gzip: gzipSync(code, { level: 9 }).length,
      goal: MAX_BUNDLE_BYTES,
    },
  };
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(join(root, "dist", "bench-worker.json"), `${JSON.stringify(report, null, 2)}\n`);
  if (!quick) writeFileSync(join(root, "docs", "performance.md"), documentOf(report));
  print(tableOf(report));
  return 0;
}

async function measureAll(setting: Setting, quick: boolean): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  if (!quick) {
    note("instructions per request, under callgrind: about two minutes …");
    measurements.push(...(await measureInstructions(setting)));
  }
  note("CPU time per request …");
  measurements.push(await measureCpu(setting, quick ? 20 : 240));
  note("CPU time to the first answer …");
  measurements.push(await measureFirstAnswer(setting, quick ? 10 : 20));
  return measurements;
}

async function withSetting<T>(code: string, measure: (setting: Setting) => Promise<T>): Promise<T> {
  if (process.platform !== "linux") throw new Error("The benchmark reads /proc and needs Linux.");
  const directory = mkdtempSync(join(tmpdir(), "bench-worker-"));
  const upstream = await startUpstream();
  try {
    const targets = { bare: BARE, worker: deployedWorker(code) };
    return await measure({ directory, upstreamPort: upstream.port, targets });
  } finally {
    await upstream.close();
    rmSync(directory, { recursive: true });
  }
}

/** @throws with the command that installs it when it is not there */
async function valgrindVersion(): Promise<string> {
  const { stdout } = await run("valgrind", ["--version"]).catch(() => {
    throw new Error(
      "valgrind is missing, which counts instructions. Install it: sudo apt-get install valgrind\n" +
        "Without it: npm run bench:worker -- --quick",
    );
  });
  return stdout.trim().replace(/^valgrind-/, "");
}

function machine(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  return `${process.platform} ${process.arch}, ${cpus().length} x ${first?.model ?? "CPU"}, ${gigabytes} GB`;
}

function note(text: string): void {
  process.stderr.write(`  · ${text}\n`);
}

void runCommand(BENCH_WORKER, benchWorker);
