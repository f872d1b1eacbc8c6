import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../lib/run";
import type { Ratio } from "./statistics";
import { ratioOf } from "./statistics";
import { TOKEN } from "./targets";
import { Client, type Kind } from "./traffic";
import { cpuSeconds, type StartOptions, startWorkerd, type Target } from "./workerd";

/** One measured quantity: its value for both targets, and the ratio of the Worker's to `bare`'s. */
export interface Measurement {
  readonly what: string;
  readonly unit: string;
  readonly bare: number;
  readonly worker: number;
  readonly ratio: Ratio;
  /** The most that the ratio ought to be. */
  readonly goal: number;
}

export interface Setting {
  readonly directory: string;
  readonly upstreamPort: number;
  readonly targets: { readonly bare: Target; readonly worker: Target };
}

/** How many requests are counted. The same numbers every time: garbage collection falls into some blocks only. */
export const COUNTS: Readonly<Record<Kind, { warm: number; block: number; blocks: number }>> = {
  plain: { warm: 500, block: 1500, blocks: 2 },
  streamed: { warm: 500, block: 250, blocks: 16 },
};

const NAMES = ["bare", "worker"] as const;

/** Instructions per request of both targets at the same time, each in a process of its own under callgrind. */
export async function measureInstructions(setting: Setting): Promise<Measurement[]> {
  const [bare, worker] = await Promise.all(
    NAMES.map((name) => countInstructions(setting, setting.targets[name])),
  );
  if (bare === undefined || worker === undefined) throw new Error("A target was not counted.");
  const row = (what: string, kind: Kind): Measurement => ({
    what,
    unit: "instructions",
    bare: mean(bare[kind]),
    worker: mean(worker[kind]),
    ratio: ratioOf(bare[kind], worker[kind]),
    goal: 1.05,
  });
  return [row("request, answer in one piece", "plain"), row("request, streamed answer", "streamed")];
}

async function countInstructions(setting: Setting, target: Target): Promise<Record<Kind, number[]>> {
  const output = join(setting.directory, `callgrind.${target.name}`);
  // Threads of V8 that wait for each other in a loop are counted too, so each gets its turn.
  const tool = ["--tool=callgrind", "--fair-sched=yes", `--callgrind-out-file=${output}`, "--quiet"];
  const under = ["valgrind", ...tool];
  const workerd = await startWorkerd(target, { ...setting, under } satisfies StartOptions);
  const client = new Client(workerd.port, TOKEN, 1);
  /** Instructions since the last dump. */
  const dump = async (): Promise<number> => {
    const before = dumps(setting.directory, target.name).length;
    const { exitCode, stderr } = await run("callgrind_control", ["-d", String(workerd.pid)]);
    if (exitCode !== 0) throw new Error(`callgrind_control ended with ${exitCode}: ${stderr}`);
    const files = dumps(setting.directory, target.name);
    if (files.length !== before + 1) throw new Error("callgrind wrote no dump.");
    return totalOf(join(setting.directory, files.at(-1) ?? ""));
  };
  const count = async (kind: Kind): Promise<number[]> => {
    const { warm, block, blocks } = COUNTS[kind];
    await client.send(kind, warm);
    await dump();
    const perRequest: number[] = [];
    for (let index = 0; index < blocks; index++) {
      await client.send(kind, block);
      perRequest.push((await dump()) / block);
    }
    return perRequest;
  };
  try {
    const plain = await count("plain");
    return { plain, streamed: middleHalf(await count("streamed")) };
  } finally {
    client.close();
    await workerd.stop();
  }
}

/** Without the smallest and the largest quarter: a thread that spins can make one block twice as dear as the others. */
function middleHalf(values: readonly number[]): number[] {
  const quarter = Math.floor(values.length / 4);
  return [...values].sort((a, b) => a - b).slice(quarter, values.length - quarter);
}

/** callgrind numbers its dumps: `callgrind.<name>.1`, `.2` … */
function dumps(directory: string, name: string): string[] {
  const numberOf = (file: string) => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0);
  return readdirSync(directory)
    .filter((file) => file.startsWith(`callgrind.${name}.`) && numberOf(file) > 0)
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function totalOf(file: string): number {
  const total = /^(?:totals|summary):\s*(\d+)/m.exec(readFileSync(file, "utf8"))?.[1];
  if (total === undefined) throw new Error(`${file} has no total.`);
  return Number(total);
}

type Spent = Record<(typeof NAMES)[number], number[]>;

/** Connections of the measurement of CPU time. */
const CONNECTIONS = 32;

/**
 * CPU time per request at 32 connections, in many short rounds that take turns. Two processes of the same target can
 * differ by 4 % for their whole life, so each share of the rounds has processes of its own.
 */
export async function measureCpu(setting: Setting, rounds: number): Promise<Measurement> {
  const pairs = 4;
  const spent: Spent = { bare: [], worker: [] };
  for (let pair = 0; pair < pairs; pair++) await measurePair(setting, rounds / pairs, spent);
  return {
    what: `request, ${CONNECTIONS} connections`,
    unit: "µs of CPU",
    bare: mean(spent.bare),
    worker: mean(spent.worker),
    ratio: ratioOf(spent.bare, spent.worker),
    goal: 1.1,
  };
}

/** A process of each target; what each round spends per request goes to `spent`. */
async function measurePair(setting: Setting, rounds: number, spent: Spent): Promise<void> {
  const block = 250;
  const running = await Promise.all(
    NAMES.map(async (name) => {
      const workerd = await startWorkerd(setting.targets[name], setting);
      return { name, workerd, client: new Client(workerd.port, TOKEN, CONNECTIONS) };
    }),
  );
  try {
    for (const { client } of running) await client.send("plain", 1500, CONNECTIONS);
    for (let round = 0; round < rounds; round++) {
      // Which goes first changes, so that neither always meets the other's left-overs.
      for (const { name, workerd, client } of round % 2 === 0 ? running : [...running].reverse()) {
        const before = cpuSeconds(workerd.pid);
        await client.send("plain", block, CONNECTIONS);
        spent[name].push(((cpuSeconds(workerd.pid) - before) / block) * 1e6);
      }
    }
  } finally {
    for (const { client, workerd } of running) {
      client.close();
      await workerd.stop();
    }
  }
}

/** CPU time from the start of the process to the first answer. */
export async function measureFirstAnswer(setting: Setting, rounds: number): Promise<Measurement> {
  const spent: Spent = { bare: [], worker: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? NAMES : [...NAMES].reverse()) {
      const workerd = await startWorkerd(setting.targets[name], setting);
      const client = new Client(workerd.port, TOKEN, 1);
      try {
        await client.send("plain", 1);
        spent[name].push(cpuSeconds(workerd.pid) * 1e3);
      } finally {
        client.close();
        await workerd.stop();
      }
    }
  }
  return {
    what: "start to first answer",
    unit: "ms of CPU",
    bare: mean(spent.bare),
    worker: mean(spent.worker),
    ratio: ratioOf(spent.bare, spent.worker),
    goal: 1.1,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
