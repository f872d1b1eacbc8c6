import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedVersion } from "../../../scripts/engine/versions";
import { root } from "./imports";

/** What keeps the repository as it is when nobody looks. */

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface Renovate {
  rangeStrategy: string;
  packageRules: { matchPackageNames: string[]; allowedVersions?: string }[];
}

const read = <T>(name: string) => JSON.parse(readFileSync(join(root, name), "utf8")) as T;

test("every dependency is pinned exactly, and what is installed is the pinned one", () => {
  const { dependencies, devDependencies } = read<Manifest>("package.json");
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    const installed = read<{ version: string }>(`node_modules/${name}/package.json`).version;
    // @pulumi/policy writes a "v" before it.
    expect([name, version]).toEqual([name, installed.replace(/^v/, "")]);
  }
});

test("updates are pinned, and @pulumi/command stays on the line that knows hostKey", () => {
  const { rangeStrategy, packageRules } = read<Renovate>("renovate.json");
  expect(rangeStrategy).toBe("pin");
  const rule = packageRules.find(({ matchPackageNames }) => matchPackageNames.includes("@pulumi/command"));
  expect(rule?.allowedVersions).toBe(">=1.2.1 <2");
  expect(installedVersion("@pulumi/command")).toMatch(/^1\./);
});

test("rules for updates name packages that are there", () => {
  const { dependencies, devDependencies } = read<Manifest>("package.json");
  const modules = ["cli", "plugins"].map((part) =>
    readFileSync(join(root, "scripts/engine", part, "go.mod"), "utf8"),
  );
  const all = [...Object.keys(dependencies), ...Object.keys(devDependencies), "workerd", "openclaw"];
  for (const pattern of read<Renovate>("renovate.json").packageRules.flatMap(
    (rule) => rule.matchPackageNames,
  )) {
    const prefix = pattern.replace("**", "");
    const isThere = pattern.startsWith("github.com/")
      ? modules.some((text) => text.includes(prefix))
      : all.some((name) => (pattern.endsWith("**") ? name.startsWith(prefix) : name === pattern));
    expect([pattern, isThere]).toEqual([pattern, true]);
  }
});

test(".editorconfig and Biome agree", () => {
  const editor = readFileSync(join(root, ".editorconfig"), "utf8");
  const { formatter } = read<{ formatter: { indentStyle: string; indentWidth: number; lineWidth: number } }>(
    "biome.json",
  );
  expect(editor).toContain(`indent_style = ${formatter.indentStyle}`);
  expect(editor).toContain(`indent_size = ${formatter.indentWidth}`);
  expect(editor).toContain(`[*.ts]\nmax_line_length = ${formatter.lineWidth}`);
});
