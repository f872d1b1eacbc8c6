import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { configurationPage } from "./docs/configuration-page";
import { withConfigBlock } from "./docs/pulumi-yaml";
import { type Command, runCommand } from "./lib/command";
import type { Options } from "./lib/options";

const DOCS = {
  name: "docs",
  summary: `
Writes docs/configuration.md and the config block of Pulumi.yaml from what
the configuration is checked with. A test fails when they differ.`,
  options: {},
  examples: [],
  exitCodes: { 0: "written", 1: "not written" },
} as const satisfies Command<Options>;

const root = resolve(__dirname, "..");

void runCommand(DOCS, async (_values, { print }) => {
  const pulumiYaml = join(root, "Pulumi.yaml");
  writeFileSync(join(root, "docs", "configuration.md"), configurationPage());
  writeFileSync(pulumiYaml, withConfigBlock(readFileSync(pulumiYaml, "utf8")));
  print("docs/configuration.md and Pulumi.yaml are written.");
  return 0;
});
