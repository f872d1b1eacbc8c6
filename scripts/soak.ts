import { join, resolve } from "node:path";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";
import { run } from "./lib/run";

const SOAK = {
  name: "soak",
  summary: `
The random schedules of up, edit, kill and destroy against the host program:
10,000 of them instead of the 100 of \`npm test\`, which takes some hours. Before
them the life of a real host with Compose 5, where \`npm test\` has 2.40.`,
  options: {
    schedules: { type: "count", default: 10_000, text: "how many" },
    seed: { type: "text", value: "SEED", text: "repeats the run that printed this seed" },
  },
  examples: [
    ["", "all of them"],
    ["--schedules 500 --seed 1234", "repeat a run that failed"],
  ],
  exitCodes: { 0: "everything held", 1: "something did not; the seed of a schedule is in the output" },
} as const satisfies Command<Options>;

const root = resolve(__dirname, "..");

async function soak(
  { schedules, seed }: Values<typeof SOAK.options>,
  { interruption }: Frame,
): Promise<number> {
  const jest = async (project: string, file: string, settings: Record<string, string>): Promise<boolean> => {
    const { exitCode } = await run(
      join(root, "node_modules", ".bin", "jest"),
      ["--selectProjects", project, `test/${project}/${file}`],
      { cwd: root, env: { ...process.env, ...settings }, output: "inherit", signal: interruption.signal },
    );
    return exitCode === 0;
  };
  const withCompose5 = await jest("e2e", "lifecycle.test.ts", { COMPOSE_MAJOR: "5" });
  const random = await jest("host", "schedules.test.ts", {
    SCHEDULES: String(schedules),
    ...(seed === undefined ? {} : { SCHEDULES_SEED: seed }),
  });
  return withCompose5 && random ? 0 : 1;
}

void runCommand(SOAK, soak);
