import { readFileSync } from "node:fs";
import { join } from "node:path";

import { installedVersion, installedVersions, PLUGINS } from "../../../scripts/engine/versions";

const root = join(__dirname, "../../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const pinned = { ...manifest.dependencies, ...manifest.devDependencies };
const engineSource = (path: string) => readFileSync(join(root, "scripts", "engine", path), "utf8");

/** Module path -> version of a go.mod's requirements. */
function pinnedModules(part: string): Record<string, string> {
  const requirements = engineSource(`${part}/go.mod`).matchAll(/^\t(\S+) (v\S+)/gm);
  return Object.fromEntries([...requirements].map(([, path, version]) => [path, version]));
}

test.each(["pulumi", "@pulumi/pulumi", "@pulumi/cloudflare", "@pulumi/command", "@pulumi/random"])(
  "%s is pinned exactly and that version is installed",
  (name) => {
    expect(pinned[name]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(installedVersion(name)).toBe(pinned[name]);
  },
);

test("the command package is 1.2.1: npm's latest is a mis-numbered older build that knows no hostKey", () => {
  expect(installedVersion("@pulumi/command")).toBe("1.2.1");
});

test("CLI, SDK and the Go modules that the engine is built from have one version", () => {
  const { cli } = installedVersions();
  expect(installedVersion("@pulumi/pulumi")).toBe(cli);
  expect(pinnedModules("cli")["github.com/pulumi/pulumi/pkg/v3"]).toBe(`v${cli}`);
  expect(pinnedModules("plugins")["github.com/pulumi/pulumi/sdk/v3"]).toBe(`v${cli}`);
});

test("every plugin has a program to be built from, and the Cloudflare one names the official version", () => {
  const { plugins } = installedVersions();
  for (const name of PLUGINS) {
    expect(engineSource(`plugins/${name}/main.go`)).toContain("package main");
  }
  expect(engineSource("plugins/shims/cloudflare/shim.go")).toContain(
    `officialVersion = "${plugins.cloudflare}"`,
  );
});
