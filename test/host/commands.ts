import { type ChildProcessWithoutNullStreams, spawnSync } from "node:child_process";
import { existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What {@link Machine} does with files and processes of the machine that the tests run on. */

export interface Ran {
  code: number | null;
  output: string;
}

/** Everything that a host has, and the program may use. */
export const TOOLS = (
  "awk base64 basename bash busybox cat chmod chown cp cut dash date dirname env flock grep gzip head id ln mkdir mktemp " +
  "mv openssl readlink rm sed setsid sh sha256sum sleep stat sync tail tr"
).split(" ");

export function giveAll(directory: string, user: number): void {
  for (const path of ["", ...readdirSync(directory, { recursive: true, encoding: "utf8" })])
    lchownSync(join(directory, path), user, user);
}

export function outcome(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  child.stdin.on("error", () => {}); // a program that was killed reads no further
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

export function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

export function runOrThrow(command: string, cwd: string, PATH: string): void {
  const { status, stderr } = spawnSync("sh", ["-c", command], { cwd, env: { PATH }, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** A program in a directory of programs, which is made if it is missing. */
export function makeProgram(directory: string, name: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), text, { mode: 0o755 });
}

/** `date` and `sleep` for which a second takes a `factor` less. */
export function hurriedClock(factor: number): Record<string, string> {
  const base = `${Date.now()}000000`;
  const now = `$(((${base} + ($(/bin/date +%s%N) - ${base}) * ${factor}) / 1000000000))`;
  return {
    date: `#!/bin/sh\n[ "$*" != +%s ] || { echo "${now}"; exit; }\nexec /bin/date "$@"\n`,
    sleep: `#!/bin/sh\nexec /bin/sleep "$(/usr/bin/awk "BEGIN { print $1 / ${factor} }")"\n`,
  };
}
