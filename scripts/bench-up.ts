import { resolve } from "node:path";
import { figuresOf, type Timings, table } from "./bench/figures";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";
import type { Finished } from "./lib/run";
import { createLocalEnvironment } from "./local/environment";
import { LocalStack } from "./local/stack";
import { prepare } from "./setup";

const BENCH_UP = {
  name: "bench:up",
  summary: `
What this program costs over a minimal one with the same resources, against the
local target. The variants take turns within one run, so that a slow spell of
the machine hits all of them; the median of the ratios is what counts. \`preview\`
and \`up\` are timed on an unchanged stack. A benchmark, not a test.`,
  options: { rounds: { type: "count", default: 7, text: "how often each is timed" } },
  examples: [["--rounds 1", "a quick look"]],
  exitCodes: { 0: "measured", 1: "a run failed" },
} as const satisfies Command<Options>;

const MINIMAL = resolve(__dirname, "..", "test", "bench", "minimal");
const HOSTS = "openclaw-ai-gateway:hosts";

async function benchUp(
  { rounds }: Values<typeof BENCH_UP.options>,
  { print, progress, interruption }: Frame,
): Promise<number> {
  const toolchain = await prepare(progress);
  const environment = await createLocalEnvironment({ toolchain, stack: "bench" });
  let minimal: LocalStack | undefined;
  try {
    await progress.step("OpenClaw starts", async () => environment.vps[0]?.start());
    const { stack } = environment;
    minimal = await progress.step("Minimal program's stack", () =>
      minimalStack(environment, toolchain.engine),
    );
    const timings: Timings = { "first up": {}, "unchanged preview": {}, "unchanged up": {}, destroy: {} };

    const time = async (what: keyof Timings, variant: string, work: () => Promise<Finished>) => {
      const title = `${what}, ${variant}`;
      const seconds = await progress.step(title, () => interruption.race(timed(title, work)));
      const row = timings[what] ?? {};
      row[variant] = [...(row[variant] ?? []), seconds];
      timings[what] = row;
    };

    const yardstick = minimal;
    await time("first up", "this program", () => stack.up());
    await time("first up", "minimal", () => yardstick.up());
    for (let round = 0; round < rounds; round++) {
      for (const look of [true, false]) {
        const variant = look ? "this program" : "without the look";
        setLook(stack, look);
        await time("unchanged preview", variant, () => stack.preview("--expect-no-changes"));
        await time("unchanged up", variant, () => stack.up("--expect-no-changes"));
      }
      await time("unchanged preview", "minimal", () => yardstick.preview("--expect-no-changes"));
      await time("unchanged up", "minimal", () => yardstick.up("--expect-no-changes"));
    }
    await time("destroy", "this program", () => stack.destroy());
    await time("destroy", "minimal", () => yardstick.destroy());
    print(`\n${table(figuresOf(timings))}\n`);
    print(`${rounds} rounds; medians, ratios to the minimal program of the same round.`);
    print("First up and destroy of this program restart a real OpenClaw; the minimal one's do not.");
    return 0;
  } finally {
    minimal?.dispose();
    await environment.close();
    await toolchain.close();
  }
}

async function minimalStack(
  { cloudflare, stack, vps }: Awaited<ReturnType<typeof createLocalEnvironment>>,
  engine: Parameters<typeof LocalStack.create>[0]["engine"],
): Promise<LocalStack> {
  const [host] = vps;
  if (!host) throw new Error("there is no VPS");
  const { name, address, port, user, hostKey } = host;
  return LocalStack.create({
    engine,
    name: stack.name,
    program: MINIMAL,
    config: {
      "cloudflare:baseUrl": cloudflare.apiUrl,
      "openclaw-ai-gateway:accountId": cloudflare.accountId,
      [HOSTS]: [{ name, address, port, user, hostKey }],
    },
    secrets: { "cloudflare:apiToken": cloudflare.apiToken, [`${HOSTS}[0].privateKey`]: host.privateKey },
  });
}

function setLook(stack: LocalStack, look: boolean): void {
  const hosts = stack.config(HOSTS) as Record<string, unknown>[];
  stack.configure({ [HOSTS]: hosts.map((host) => ({ ...host, look })) });
}

async function timed(title: string, work: () => Promise<Finished>): Promise<number> {
  const started = performance.now();
  const { exitCode, stdout, stderr } = await work();
  if (exitCode !== 0) throw new Error(`${title} ended with code ${exitCode}:\n${stdout}\n${stderr}`);
  return (performance.now() - started) / 1000;
}

void runCommand(BENCH_UP, benchUp);
