import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";

/** Name of the Pulumi project: the first part of its keys in `pulumi config`. `pulumi new` asks the operator for it. */
export function projectName(): string {
  const file = resolve(__dirname, "..", "..", "Pulumi.yaml");
  return (parse(readFileSync(file, "utf8")) as { name: string }).name;
}
