import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { containerSteps, hostProgram } from "../../../infra/host/program";

const root = resolve(__dirname, "../../..");

test("all parts are in it, in the order of their names, line by line but for the comments", () => {
  const names = readdirSync(join(root, "infra/host/program")).sort();
  const lines = names
    .map((name) => readFileSync(join(root, "infra/host/program", name), "utf8"))
    .join("")
    .split("\n");
  const kept = lines.filter((line) => !line.trimStart().startsWith("#"));
  expect(kept.length).toBeLessThan(lines.length);
  expect(hostProgram().split("\n").slice(1)).toEqual(kept);
});

test.each(["dash", "bash"])("%s reads the whole of it", (shell) => {
  expect(spawnSync(shell, ["-n"], { input: hostProgram(), encoding: "utf8" })).toMatchObject({
    status: 0,
    stderr: "",
  });
});

test("the same bytes from another checkout", () => {
  const copy = mkdtempSync(join(tmpdir(), "another-checkout-"));
  try {
    cpSync(join(root, "infra"), join(copy, "infra"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const script = `process.stdout.write(require(${JSON.stringify(join(copy, "infra/host/program.ts"))}).hostProgram())`;
    const there = execFileSync(join(root, "node_modules/.bin/tsx"), ["-e", script], {
      cwd: copy,
      encoding: "utf8",
    });
    expect(there).toBe(hostProgram());
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test("holds no path of this machine", () => {
  expect(hostProgram()).not.toContain(root);
});

test("the container's steps arrive as they are, on one line", () => {
  const [assignment = ""] = hostProgram().split("\n");
  const script = `${assignment}\nprintf %s "$STEPS"`;
  const { stdout } = spawnSync("dash", { input: script, encoding: "utf8" });
  expect(stdout).toBe(containerSteps().trimEnd());
  expect(stdout).not.toContain("\n");
});
