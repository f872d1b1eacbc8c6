import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProgram } from "./commands";
import { KEYS } from "./fixtures";
import { Machine, type Shell } from "./machine";

/** Only root may mount a file system of its own size, and give files to somebody else. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

let machine: Machine;
afterEach(() => machine.remove());

/** Leaves so many KiB free on the project's file system. */
function fillUpTo(free: number): void {
  const { bavail, bsize } = statfsSync(machine.project);
  writeFileSync(join(machine.project, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - free * 1024)), {
    flag: "a",
  });
}

function treeWithoutFiller(): Record<string, string> {
  const { filler: _filler, ...tree } = machine.tree();
  return tree;
}

asRoot.each(Array.from({ length: 9 }, (_, step) => [step * 24]))(
  "%i KiB free: nothing is changed, or all of it, and then restore has room on a full disk",
  async (free) => {
    machine = await Machine.create({ diskKiB: 1024 });
    machine.start();
    const before = treeWithoutFiller();
    fillUpTo(free);
    const { code, output } = await machine.run("apply");
    if (code === 0) {
      expect(machine.serving()).toBe("new");
      fillUpTo(0);
      expect(await machine.run("restore")).toEqual({ code: 0, output: expect.stringContaining("restored") });
    } else {
      expect(output).toMatch(/^error not_writable: .* KiB are free/m);
    }
    expect(machine.serving()).toBe("own");
    expect(treeWithoutFiller()).toEqual(before);
  },
);

asRoot.each([["in memory"], ["on the disk alone"]])(
  "temporary files on the full disk too: restored, and it says so; output %s",
  async (place) => {
    machine = await Machine.create({ diskKiB: 1024 });
    machine.start();
    const before = treeWithoutFiller();
    const tmp = join(machine.project, "tmp");
    mkdirSync(tmp, { mode: 0o700 });
    const programs = join(machine.root, "programs");
    if (place !== "in memory") {
      const refusing = 'case "$*" in */dev/shm/* | */run/*) exit 1 ;; esac';
      makeProgram(programs, "mktemp", `#!/bin/sh\n${refusing}\nexec /bin/mktemp "$@"\n`);
    }
    expect((await machine.run("apply", { tmp, programs })).code).toBe(0);
    fillUpTo(0);
    if (place !== "in memory")
      expect(await machine.run("status", { tmp, programs })).toEqual({
        code: 73,
        output: expect.stringMatching(/^error no_room_for_output: .*\n {2}expected: .*\n {2}fix: /),
      });
    else expect((await machine.run("status", { tmp, programs })).output).toContain("managed");
    const restored = await machine.run("restore", { tmp, programs });
    expect(restored).toEqual({ code: 0, output: expect.stringContaining("restored: dev/vps1") });
    const { tmp: _tmp, ...after } = treeWithoutFiller();
    expect(after).toEqual(before);
    expect(machine.serving()).toBe("own");
  },
);

asRoot("there is a size at which an apply is refused, and one at which it works", async () => {
  const codes = [];
  for (const free of [24, 512]) {
    machine = await Machine.create({ diskKiB: 1024 });
    fillUpTo(free);
    codes.push((await machine.run("apply")).code);
    if (free === 24) await machine.remove();
  }
  expect(codes).toEqual([1, 0]);
});

asRoot("odd owners and modes come back", async () => {
  machine = await Machine.create();
  machine.write(".env", machine.file(".env"), 0o444);
  chownSync(machine.envFile, 1234, 4321);
  chownSync(machine.configFile, 1000, 1000);
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply")).code).toBe(0);
  expect(machine.tree()[".env"]).toMatch(/^100400 1234 4321 /);
  expect(machine.tree()["state/openclaw.json"]).toMatch(/^\d+ 1000 1000 /);
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

asRoot("a file that cannot be replaced: undone, and restored once it can", async () => {
  machine = await Machine.create();
  machine.start();
  const before = machine.tree();
  const flag = (change: "+i" | "-i") => spawnSync("chattr", [change, machine.envFile]).status === 0;
  if (!flag("+i")) return; // this file system has no such flag
  try {
    const { code, output } = await machine.run("apply");
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^error not_writable: .*\.env/m),
    });
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  } finally {
    flag("-i");
  }
  expect((await machine.run("apply")).code).toBe(0);
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test.each<[Shell]>([["dash"], ["bash"], ["busybox"]])("a .env of 1 MB, under %s", async (shell) => {
  machine = await Machine.create();
  const lines = Array.from({ length: 20_000 }, (_, n) => `NAME_${n}=${"v".repeat(40)}`);
  machine.write(".env", `${machine.file(".env")}${lines.join("\n")}`);
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply", { shell })).output).toContain("applied: dev/vps1");
  expect(machine.file(".env")).not.toContain(KEYS.OPENAI_API_KEY);
  await machine.run("restore", { shell });
  expect(machine.tree()).toEqual(before);
});
