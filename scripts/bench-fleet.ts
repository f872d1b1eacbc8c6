import { setTimeout as sleep } from "node:timers/promises";
import { figuresOf, type Timings, table } from "./bench/figures";
import { type Command, type Frame, runCommand } from "./lib/command";
import { parallel } from "./lib/engine-run";
import type { Options, Values } from "./lib/options";
import type { Finished } from "./lib/run";
import { createLocalEnvironment, type LocalEnvironment } from "./local/environment";
import {
  ed25519Pair,
  type HostAnswer,
  type ScriptedHost,
  startScriptedHost,
} from "./local/vps/scripted-host";
import { prepare, type Toolchain } from "./setup";

const BENCH_FLEET = {
  name: "bench:fleet",
  summary: `
What twenty hosts cost over one: the real engine, run as \`npm run up\` runs it,
and the real program against the local target, with SSH servers in place of
hosts. They answer at once, so that what this machine does is timed and not the
hosts, or after as many seconds as is said. Both sizes take turns within one
run; the median of the ratios is what counts. A benchmark, not a test.`,
  options: {
    rounds: { type: "count", default: 5, text: "how often each is timed" },
    hosts: { type: "count", default: 20, text: "how many hosts are compared with one" },
    "host-seconds": { type: "count", default: 0, text: "how long each takes to be applied, or restored" },
  },
  examples: [
    ["--rounds 1", "a quick look"],
    ["--rounds 1 --host-seconds 10", "of hosts that restart"],
  ],
  exitCodes: { 0: "measured", 1: "a run failed" },
} as const satisfies Command<Options>;

const HOSTS = "openclaw-ai-gateway:hosts";
const YARDSTICK = "1 host";

/** A stack whose hosts answer every look at once, and every run with success. */
interface Fleet {
  readonly title: string;
  readonly environment: LocalEnvironment;
  readonly servers: readonly ScriptedHost[];
}

async function benchFleet(
  { rounds, hosts, "host-seconds": hostSeconds }: Values<typeof BENCH_FLEET.options>,
  { print, progress, interruption }: Frame,
): Promise<number> {
  Object.assign(process.env, parallel());
  const toolchain = await prepare(progress);
  const fleets: Fleet[] = [];
  try {
    fleets.push(await createFleet(toolchain, YARDSTICK, 1, hostSeconds));
    fleets.push(await createFleet(toolchain, `${hosts} hosts`, hosts, hostSeconds));
    const timings: Timings = {};
    const time = async (what: string, work: (fleet: Fleet) => Promise<Finished>) => {
      for (const fleet of fleets) {
        const title = `${what}, ${fleet.title}`;
        const seconds = await progress.step(title, () => interruption.race(timed(title, () => work(fleet))));
        const row = timings[what] ?? {};
        timings[what] = row;
        row[fleet.title] = [...(row[fleet.title] ?? []), seconds];
      }
    };
    for (let round = 0; round < rounds; round++) {
      await time("first up", ({ environment }) => environment.stack.up());
      await time("unchanged preview", ({ environment }) => environment.stack.preview("--expect-no-changes"));
      await time("unchanged up", ({ environment }) => environment.stack.up("--expect-no-changes"));
      for (const fleet of fleets) change(fleet, { drainSeconds: 331 + round });
      await time("change of each host", ({ environment }) => environment.stack.up());
      await time("destroy", ({ environment }) => environment.stack.destroy());
    }
    print(`\n${table(figuresOf(timings, YARDSTICK))}\n`);
    print(`${rounds} rounds; medians, ratios to one host of the same round.`);
    return 0;
  } finally {
    for (const { environment, servers } of fleets) {
      await environment.close();
      for (const server of servers) await server.close();
    }
    await toolchain.close();
  }
}

async function createFleet(
  toolchain: Toolchain,
  title: string,
  size: number,
  hostSeconds: number,
): Promise<Fleet> {
  const environment = await createLocalEnvironment({ toolchain, stack: `fleet${size}`, hosts: [] });
  const servers: ScriptedHost[] = [];
  const managed = new Set<string>();
  for (let index = 1; index <= size; index++) {
    servers.push(
      await startScriptedHost(`vps${index}`, async ({ host, verb }) => {
        if (verb === "apply" || verb === "restore") await sleep(hostSeconds * 1000);
        return answer(managed, host, verb);
      }),
    );
  }
  const { stack } = environment;
  // One key for all, so that none of it is generated while something is timed.
  const { private: privateKey } = ed25519Pair();
  stack.configure({
    [HOSTS]: servers.map(({ name, port, hostKey }) => ({
      name,
      address: "127.0.0.1",
      port,
      hostKey,
      directory: "/opt/openclaw",
      lookSeconds: 60,
    })),
  });
  for (const index of servers.keys()) await stack.setSecret(`${HOSTS}[${index}].privateKey`, privateKey);
  return { title, environment, servers };
}

function answer(managed: Set<string>, host: string, verb: string): HostAnswer {
  if (verb === "apply") managed.add(host);
  if (verb === "restore") managed.delete(host);
  return { code: 0, output: `${managed.has(host) ? "" : "not "}managed: ${host}\n` };
}

function change({ environment: { stack } }: Fleet, values: object): void {
  const hosts = stack.config(HOSTS) as object[];
  stack.configure({ [HOSTS]: hosts.map((host) => ({ ...host, ...values })) });
}

async function timed(title: string, work: () => Promise<Finished>): Promise<number> {
  const started = performance.now();
  const { exitCode, stdout, stderr } = await work();
  if (exitCode !== 0) throw new Error(`${title} ended with code ${exitCode}:\n${stdout}\n${stderr}`);
  return (performance.now() - started) / 1000;
}

void runCommand(BENCH_FLEET, benchFleet);
