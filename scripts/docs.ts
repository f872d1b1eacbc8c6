/** `npm run docs`: writes what the documents say of the configuration, from the configuration's own schemas. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { configurationPage } from "./docs/configuration-page";
import { withConfigBlock } from "./docs/pulumi-yaml";

const root = resolve(__dirname, "..");

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text);
  process.stdout.write(`${name}\n`);
}

write("docs/configuration.md", configurationPage());
write("Pulumi.yaml", withConfigBlock(readFileSync(join(root, "Pulumi.yaml"), "utf8")));
