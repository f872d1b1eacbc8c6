import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder that everything is in. */
export const CHECKOUT = resolve(__dirname, "..", "..");

/** What is made here and belongs to no commit; `.gitignore` for where git does not answer. */
const MADE = new Set([".git", "node_modules", "dist", "coverage"]);

/** Paths of the files that a commit of everything would hold, from the top of the checkout. */
export function checkoutFiles(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout } = spawnSync("git", args, { cwd: CHECKOUT, encoding: "utf8" });
  // A source archive is no repository, and git does not read one that belongs to another user.
  if (status !== 0) return filesBelow("");
  return stdout.split("\0").filter((file) => file !== "" && existsSync(join(CHECKOUT, file)));
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(CHECKOUT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
