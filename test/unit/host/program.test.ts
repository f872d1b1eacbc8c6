import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { containerSteps, hostProgram } from "../../../infra/host/program";

const root = resolve(__dirname, "../../..");

test("all parts are in it, in the order of their names", () => {
  const names = readdirSync(join(root, "infra/host/program")).sort();
  const positions = names.map((name) =>
    hostProgram().indexOf(readFileSync(join(root, "infra/host/program", name), "utf8")),
  );
  expect(positions).not.toContain(-1);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
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

test("holds no path of this machine, and no character that a shell could take for its own", () => {
  expect(hostProgram()).not.toContain(root);
  expect(containerSteps()).not.toContain(root);
  expect(hostProgram()).toMatch(/^STEPS='[A-Za-z0-9+/=]+'\n/);
});
