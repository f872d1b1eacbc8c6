import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

import { withMachineLock } from "./machine-lock";
import type { Note } from "./progress";

/** Tells what a long step is doing right now. */

/**
 * A path in the cache, which lies outside every checkout so that a second clone finds what the first one built.
 *
 * `$OPENCLAW_AI_GATEWAY_CACHE`, else `$XDG_CACHE_HOME/openclaw-ai-gateway`, else `~/.cache/openclaw-ai-gateway`.
 */
export function cacheDir(...parts: string[]): string {
  const base =
    process.env.OPENCLAW_AI_GATEWAY_CACHE ||
    join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "openclaw-ai-gateway");
  return join(base, ...parts);
}

/**
 * A short hash (16 hex digits) of the files' names and contents in the given order, and of `extra`. The folder that
 * holds them does not count: it is the same in every checkout.
 */
export function hashOf(files: readonly string[], extra = ""): string {
  const hash = createHash("sha256");
  const add = (part: Buffer | string) => hash.update(`${part.length}:`).update(part);
  for (const file of files) {
    add(basename(file));
    add(readFileSync(file));
  }
  add(extra);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Makes sure that the directory exists, building it when it does not: into a temporary sibling that is renamed into
 * place when the build has succeeded. So what exists is always complete, and a build that was killed leaves nothing
 * that looks done. Processes that ask for the same directory at the same time build it once.
 *
 * @throws whatever `build` throws; nothing is left behind then.
 */
export async function once(
  directory: string,
  build: (temporary: string) => Promise<void>,
  note: Note,
): Promise<void> {
  if (existsSync(directory)) return;
  await withMachineLock(directory, () => buildUnlessThere(directory, build), note);
}

async function buildUnlessThere(
  directory: string,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  if (existsSync(directory)) return;
  await removeLeftovers(directory);
  const temporary = `${directory}.tmp-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(temporary, { recursive: true });
    await build(temporary);
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** What builds that were killed left. We hold the lock, so nobody is working on them. */
async function removeLeftovers(directory: string): Promise<void> {
  const parent = dirname(directory);
  if (!existsSync(parent)) return;
  const leftovers = (await readdir(parent)).filter((name) => name.startsWith(`${basename(directory)}.tmp-`));
  await Promise.all(leftovers.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}
