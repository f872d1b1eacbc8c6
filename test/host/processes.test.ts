import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TOOLS } from "./commands";
import { SECRETS } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

/**
 * Puts a program before each that a host has, which notes what other users of the machine see of the process in `/proc`
 * and then becomes the program. A search through `/proc` from outside would miss the short ones.
 */
function watch(): { readonly programs: string; readonly seen: () => string[] } {
  const programs = join(machine.root, "watch");
  const log = join(machine.root, "processes");
  mkdirSync(programs);
  writeFileSync(log, "");
  const others = `"\${PATH#'${programs}':}"`;
  const note = `/bin/cat /proc/$$/cmdline /proc/$$/environ >>'${log}'; echo >>'${log}'`;
  for (const name of [...TOOLS, "docker"]) {
    const lines = ["#!/bin/sh", note, `real="$(PATH=${others}; command -v ${name})"`];
    // What runs in a container has the container's environment, token included; Docker does not look at our PATH for it.
    if (name === "docker") lines.push(`PATH=${others}`);
    writeFileSync(join(programs, name), `${lines.join("\n")}\nexec "$real" "$@"\n`, { mode: 0o755 });
  }
  return { programs, seen: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("no secret is in the arguments or the environment of any process", async () => {
    const { programs, seen } = watch();

    const applied = await machine.run("apply", { shell, programs });
    const restored = await machine.run("restore", { shell, programs });

    expect([applied.code, restored.code]).toEqual([0, 0]);
    const processes = seen();
    expect(processes.filter((process) => process.includes("openssl\0enc")).length).toBeGreaterThan(5);
    expect(processes.filter((process) => process.includes("docker\0")).length).toBeGreaterThan(5);
    for (const secret of SECRETS) {
      expect(processes.filter((process) => process.includes(secret))).toEqual([]);
    }
  });
});
