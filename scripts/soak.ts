/**
 * `npm run soak`: the random schedules of the host program, 10,000 of them instead of the 100 of `npm test`; takes some
 * hours. `npm run soak -- 500` runs as many, `npm run soak -- 500 <seed>` repeats a run.
 */
import { join, resolve } from "node:path";
import { run } from "./lib/run";

const root = resolve(__dirname, "..");

async function main([schedules = "10000", seed]: readonly string[]): Promise<number> {
  const { exitCode } = await run(
    join(root, "node_modules", ".bin", "jest"),
    ["--selectProjects", "host", "test/host/schedules.test.ts"],
    {
      cwd: root,
      env: { ...process.env, SCHEDULES: schedules, ...(seed === undefined ? {} : { SCHEDULES_SEED: seed }) },
      output: "inherit",
    },
  );
  return exitCode;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
