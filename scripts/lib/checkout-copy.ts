import { cpSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "./run";

const root = resolve(__dirname, "..", "..");

/** A copy of this checkout as it is, with the same packages, in a temporary directory that the caller removes. */
export async function copyCheckout(): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), "openclaw-checkout-"));
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  for (const file of stdout.split("\0").filter(Boolean)) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}
