import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Every file below the directory that holds one of the needles, databases and logs included. A place is the file's
 * path; where the needle is the value of an assignment, its name follows: `.env (OPENAI_API_KEY)`.
 */
export function findInFiles(directory: string, needles: readonly string[]): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => {
      const content = readIfThere(file);
      const path = file.slice(directory.length + 1);
      return needles
        .filter((needle) => content.includes(needle))
        .map((needle) => place(path, content, needle));
    })
    .filter((found, index, all) => all.indexOf(found) === index);
}

/** Names of the variables whose value holds a needle. */
export function findInEnvironment(
  environment: Readonly<Record<string, string>>,
  needles: readonly string[],
): string[] {
  return Object.entries(environment)
    .filter(([, value]) => needles.some((needle) => value.includes(needle)))
    .map(([name]) => name);
}

function place(path: string, content: Buffer, needle: string): string {
  const at = content.indexOf(needle);
  const line = content.subarray(content.lastIndexOf("\n", at) + 1, at).toString("latin1");
  const name = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=["']?$/.exec(line)?.[1];
  return name ? `${path} (${name})` : path;
}

/** OpenClaw removes files of its own while it runs; one that is gone holds nothing. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
