import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "../../../scripts/lib/run";

const root = resolve(__dirname, "../../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
/** Every command of ours, and the file it is in. */
const COMMANDS = Object.entries(scripts).flatMap(([name, line]) => {
  const file = /^node scripts\/run\.mjs (\S+)$/.exec(line)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});

/** Runs a command as `npm run` does, without a stack or a log-in at hand. */
const start = (file: string, ...args: string[]) =>
  run(process.execPath, ["--import", "tsx", join(root, "scripts", `${file}.ts`), ...args], { cwd: root });

test.concurrent.each(COMMANDS)("npm run %s explains itself in 80 columns", async (name, file) => {
  const { exitCode, stdout, stderr } = await start(file, "--help");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain(`npm run ${name}`);
  expect(stdout).toContain("Exit codes:");
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("a command refuses what it does not know", async () => {
  const { exitCode, stdout, stderr } = await start("status", "--no-such-option");
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain("Unknown option '--no-such-option'. Options: --stack, --json, --help.");
});

test("README or CONTRIBUTING lists every command", () => {
  const readme = ["README.md", "CONTRIBUTING.md"]
    .map((name) => readFileSync(join(root, name), "utf8"))
    .join();
  const missing = COMMANDS.map(([name]) => name).filter(
    (name) => !new RegExp(`npm (run )?${name}\\b`).test(readme),
  );
  expect(missing).toEqual([]);
});
