import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { goBuild } from "../../../scripts/setup/go-build";

let directory: string;
const path = process.env.PATH;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "go-build-test-"));
  mkdirSync(join(directory, "bin"));
  mkdirSync(join(directory, "module"));
  writeFileSync(join(directory, "module", "go.mod"), "module m\n\ngo 1.26\n");
  process.env.PATH = `${join(directory, "bin")}:/usr/bin:/bin`;
});

afterEach(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

/** Puts a program named `go` first on PATH. `go env` answers unless the script does something else before. */
function fakeGo(script: string): void {
  const file = join(directory, "bin", "go");
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = env ] && [ -z "$TOO_OLD" ] && { echo go1.26.0; exit 0; }\n${script}\n`,
  );
  chmodSync(file, 0o755);
}

function build(options: Partial<Parameters<typeof goBuild>[0]> = {}): Promise<void> {
  return goBuild({
    moduleDir: join(directory, "module"),
    pkg: "example.org/cmd/tool",
    output: join(directory, "tool"),
    otherWay: "download it",
    note: () => {},
    ...options,
  });
}

test("no Go: one error with what is needed and both ways out", async () => {
  process.env.PATH = join(directory, "bin");
  await expect(build()).rejects.toThrow(
    "Building tool needs Go 1.26 or newer, but no Go was found on PATH. Install Go 1.26 (https://go.dev/doc/install) " +
      "and put it on PATH, or download it. Then run the same command again.",
  );
});

test("a Go that is too old: the error says what Go itself says", async () => {
  fakeGo('echo "go: go.mod requires go >= 1.26 (running go 1.19; GOTOOLCHAIN=local)" >&2; exit 1');
  process.env.TOO_OLD = "1";
  try {
    await expect(build()).rejects.toThrow(
      "needs Go 1.26 or newer, but the Go that was found is not enough " +
        "(go: go.mod requires go >= 1.26 (running go 1.19; GOTOOLCHAIN=local)). Install Go 1.26",
    );
  } finally {
    delete process.env.TOO_OLD;
  }
});

test("never changes go.mod or go.sum, and leaves out what differs between checkouts", async () => {
  fakeGo(`printf '%s\\n' "$PWD" "$@" > ${join(directory, "arguments")}`);
  await build({ ldflags: "-s -w" });
  expect(readFileSync(join(directory, "arguments"), "utf8").trim().split("\n")).toEqual([
    join(directory, "module"),
    "build",
    "-v",
    "-mod=readonly",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    "-s -w",
    "-o",
    join(directory, "tool"),
    "example.org/cmd/tool",
  ]);
});

test("several packages go into a folder", async () => {
  fakeGo(`printf '%s\\n' "$@" > ${join(directory, "arguments")}`);
  await build({ pkg: ["./one", "./two"] });
  const words = readFileSync(join(directory, "arguments"), "utf8").trim().split("\n");
  expect(words.slice(-4)).toEqual(["-o", `${join(directory, "tool")}/`, "./one", "./two"]);
});

test("tells what is being downloaded and how much is compiled", async () => {
  fakeGo(`printf '%s\\n' "go: downloading example.org/cmd/v2 v2.0.0" net/http example.org/cmd/tool >&2`);
  const notes: string[] = [];
  await build({ note: (detail) => notes.push(detail) });
  expect(notes).toEqual(["downloading cmd", "1 packages compiled", "2 packages compiled"]);
});

test("a failed build shows its last lines, not the progress", async () => {
  fakeGo(`printf '%s\\n' net/http "# example.org/cmd" "main.go:3:1: undefined: x" >&2; exit 1`);
  await expect(build()).rejects.toThrow(
    /ended with exit code 1:\n# example.org\/cmd\nmain.go:3:1: undefined: x$/,
  );
});
