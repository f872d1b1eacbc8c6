import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { run } from "../lib/run";

/** How many of the last lines of a failed build are shown. */
const SHOWN_LINES = 20;

export interface GoBuild {
  /** Folder with the `go.mod` and the committed `go.sum`. */
  moduleDir: string;
  /** Package to build: an import path, or `./folder`; several end up as files in the folder `output`. */
  pkg: string | readonly string[];
  /** The binary; for several packages the folder for them. */
  output: string;
  /** A `go.mod` to use in place of the one in `moduleDir`, its `go.sum` beside it. */
  modfile?: string;
  /** Flags for the linker, as one string. */
  ldflags?: string;
  /** What the user can do where there is no Go: completes the sentence "… or …" of the error. */
  otherWay?: string;
  note: (detail: string) => void;
}

/**
 * Builds a Go program from its pinned modules. Proxy, checksum database and build cache are the user's own settings.
 *
 * @throws Error when Go is missing or older than the module's `go` line, naming both ways out; or with the last lines of a failed build.
 */
export async function goBuild(build: GoBuild): Promise<void> {
  const packages = typeof build.pkg === "string" ? [build.pkg] : build.pkg;
  await checkGo(build.moduleDir, packages.map(baseName).join(", "), build.otherWay);
  const args = [
    "build",
    "-v", // one line per compiled package, for the progress
    "-mod=readonly",
    ...(build.modfile ? [`-modfile=${build.modfile}`] : []),
    "-trimpath",
    "-buildvcs=false", // the repository around the module is no part of the binary
    ...(build.ldflags ? ["-ldflags", build.ldflags] : []),
    "-o",
    typeof build.pkg === "string" ? build.output : `${build.output}/`,
    ...packages,
  ];
  const { exitCode, lines } = await runGo(args, build.moduleDir, build.note);
  if (exitCode !== 0) {
    throw new Error(
      `go ${args.join(" ")} in ${build.moduleDir} ended with exit code ${exitCode}:\n${lines.join("\n")}`,
    );
  }
}

/**
 * Makes sure that there is a Go that can build the module. Asks Go itself: with `GOTOOLCHAIN=auto` an older one fetches the
 * version that the module wants.
 *
 * @param what is being built, for the error.
 * @param otherWay completes "install Go, or …".
 * @throws Error naming what is missing and the ways out.
 */
export async function checkGo(moduleDir: string, what: string, otherWay?: string): Promise<void> {
  const wanted = /^go (\S+)/m.exec(readFileSync(join(moduleDir, "go.mod"), "utf8"))?.[1] ?? "";
  const found = await run("go", ["env", "GOVERSION"], { cwd: moduleDir, env: process.env }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (found?.exitCode === 0) return;
  const problem = found
    ? `the Go that was found is not enough (${firstLine(found.stderr)})`
    : "no Go was found on PATH";
  const alternative = otherWay ? `, or ${otherWay}` : "";
  throw new Error(
    `Building ${what} needs Go ${wanted} or newer, but ${problem}. ` +
      `Install Go ${wanted} (https://go.dev/doc/install) and put it on PATH${alternative}. Then run the same command again.`,
  );
}

async function runGo(
  args: readonly string[],
  cwd: string,
  note: (detail: string) => void,
): Promise<{ exitCode: number; lines: string[] }> {
  const child = spawn("go", args, { cwd, env: process.env, stdio: ["ignore", "ignore", "pipe"] });
  const lines: string[] = [];
  let compiled = 0;
  const reading = createInterface({ input: child.stderr }).on("line", (line) => {
    if (line.startsWith("go: downloading ")) {
      note(`downloading ${baseName(line.split(" ")[2] ?? "")}`);
    } else if (/^[\w.-]+(\/[^\s:]+)*$/.test(line)) {
      compiled += 1;
      note(`${compiled} packages compiled`);
    } else {
      lines.push(line);
      lines.splice(0, lines.length - SHOWN_LINES);
    }
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
  reading.close();
  return { exitCode, lines };
}

/** The last part of an import path that is not a major version: "pulumi" of `…/pulumi/v3`. */
function baseName(path: string): string {
  return (
    path
      .replace(/\/v\d+$/, "")
      .split("/")
      .pop() ?? path
  );
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
