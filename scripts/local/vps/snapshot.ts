import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_DIRECTORY } from "./operator-files";

/** One file or directory as an operator would compare it. */
export interface FileEntry {
  /** Of the content; of the target for a symbolic link; empty for a directory. */
  sha256: string;
  /** Type and permission bits in octal: `100600`. */
  mode: string;
  uid: number;
  gid: number;
  /** Bytes; 0 for a directory. */
  size: number;
}

/** Path below the project directory -> entry; directories end in `/`. */
export type FileSnapshot = Record<string, FileEntry>;

/** The state directory that the stack keeps in a project directory. */
const STACK_STATE_DIRECTORY = ".openclaw-ai-gateway";

/**
 * Everything that is the operator's or the stack's: all that stands directly in the project directory, OpenClaw's
 * configuration with its backups and `.env`, and the content of the stack's state directory. OpenClaw's own runtime
 * state (logs, databases, workspace, its copy `openclaw.json.last-good`) changes by itself and is left out.
 */
export function takeSnapshot(directory: string): FileSnapshot {
  const paths = [
    "",
    ...entriesIn(directory, ""),
    ...entriesIn(directory, CONFIG_DIRECTORY).filter(isConfiguration),
    ...everythingIn(directory, STACK_STATE_DIRECTORY),
  ];
  return Object.fromEntries(paths.map((path) => [path || "./", entryOf(join(directory, path))]));
}

/** One line per difference, in the order of paths; none when the snapshots are equal. */
export function diffSnapshots(before: FileSnapshot, after: FileSnapshot): string[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before[path], after[path]];
    if (!was) return [`${path}: new`];
    if (!is) return [`${path}: gone`];
    const changes = [
      was.sha256 === is.sha256 ? "" : `content (${was.size} -> ${is.size} bytes)`,
      was.mode === is.mode ? "" : `mode (${was.mode} -> ${is.mode})`,
      was.uid === is.uid && was.gid === is.gid ? "" : `owner (${was.uid}:${was.gid} -> ${is.uid}:${is.gid})`,
    ].filter(Boolean);
    return changes.length > 0 ? [`${path}: ${changes.join(", ")}`] : [];
  });
}

function isConfiguration(path: string): boolean {
  const name = path.slice(CONFIG_DIRECTORY.length + 1);
  return name === ".env" || /^openclaw\.json(\.bak.*)?$/.test(name);
}

function entriesIn(directory: string, below: string): string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).map(
    (entry) => join(below, entry.name) + (entry.isDirectory() ? "/" : ""),
  );
}

function everythingIn(directory: string, below: string): string[] {
  const isDirectory = lstatSync(join(directory, below), { throwIfNoEntry: false })?.isDirectory();
  if (!isDirectory) return [];
  return entriesIn(directory, below).flatMap((path) =>
    path.endsWith("/") ? [path, ...everythingIn(directory, path)] : [path],
  );
}

function entryOf(path: string): FileEntry {
  const stat = lstatSync(path);
  const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path) : undefined;
  return {
    sha256: content === undefined ? "" : createHash("sha256").update(content).digest("hex"),
    mode: stat.mode.toString(8),
    uid: stat.uid,
    gid: stat.gid,
    size: stat.isDirectory() ? 0 : stat.size,
  };
}
