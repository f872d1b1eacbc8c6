import { join, resolve } from "node:path";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";
import { run } from "./lib/run";

const SOAK = {
  name: "soak",
  summary: `
The random schedules of up, edit, kill and destroy against the host program:
10,000 of them instead of the 100 of \`npm test\`, which takes some hours.`,
  options: {
    schedules: { type: "count", default: 10_000, text: "how many" },
    seed: { type: "text", value: "SEED", text: "repeats the run that printed this seed" },
  },
  examples: [
    ["", "all of them"],
    ["--schedules 500 --seed 1234", "repeat a run that failed"],
  ],
  exitCodes: { 0: "every schedule held", 1: "one did not; its seed is in the output" },
} as const satisfies Command<Options>;

const root = resolve(__dirname, "..");

async function soak(
  { schedules, seed }: Values<typeof SOAK.options>,
  { interruption }: Frame,
): Promise<number> {
  const { exitCode } = await run(
    join(root, "node_modules", ".bin", "jest"),
    ["--selectProjects", "host", "test/host/schedules.test.ts"],
    {
      cwd: root,
      env: {
        ...process.env,
        SCHEDULES: String(schedules),
        ...(seed === undefined ? {} : { SCHEDULES_SEED: seed }),
      },
      output: "inherit",
      signal: interruption.signal,
    },
  );
  return exitCode === 0 ? 0 : 1;
}

void runCommand(SOAK, soak);
