import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeProgram } from "./commands";
import { Machine, type Shell } from "./machine";

/** One run at a time on a host that has no `flock`, also after one that was killed. */

let machine: Machine;
let before: Record<string, string>;

beforeEach(async () => {
  machine = await Machine.create();
  machine.hide("flock", "setsid");
  machine.start();
  before = machine.tree();
});
afterEach(() => machine.remove());

/** Links of the lock that are there. */
const links = () => readdirSync(machine.project).filter((name) => name.includes("ai-gateway.running"));

/** Whose number is that of a process which runs: ours, as if after a restart of the machine. */
const OF_ANOTHER_BOOT = `${process.pid}-1-00000000-0000-0000-0000-000000000000`;

test.each<[Shell, number]>([
  ["dash", 4],
  ["bash", 12],
  ["dash", 20],
])("under %s, killed at step %i: the next goes on at once, and nothing is left", async (shell, step) => {
  machine.steps.killAt(step);
  expect((await machine.run("apply", { shell })).code).toBeNull();
  machine.steps.letRun();
  expect(links()).toHaveLength(1);
  expect((await machine.run("apply", { shell })).code).toBe(0);
  expect((await machine.run("restore", { shell })).code).toBe(0);
  expect(machine.tree()).toEqual(before);
});

test.each<Shell>(["dash", "bash", "busybox"])(
  "under %s, an owner of before the last restart of the machine is none, whoever has his number now",
  async (shell) => {
    symlinkSync(OF_ANOTHER_BOOT, join(machine.project, ".openclaw-ai-gateway.running"));
    symlinkSync(
      OF_ANOTHER_BOOT.replace("-1-", "-2-"),
      join(machine.project, `.openclaw-ai-gateway.running.after.${OF_ANOTHER_BOOT}`),
    );
    expect((await machine.run("apply", { shell })).code).toBe(0);
    expect(links()).toEqual([]);
  },
);

test("of several that find the owner dead at the same time, one works at a time", async () => {
  machine.steps.killAt(4);
  await machine.run("apply");
  machine.steps.letRun();
  // Each takes its time between what it has found and what it does then.
  const programs = join(machine.root, "slow");
  for (const name of ["rm", "mv", "ln", "mkdir"]) {
    const wait = 'case "$*" in *ai-gateway.running* | *ai-gateway.lock*) sleep $(($$ % 3)) ;; esac';
    makeProgram(programs, name, `#!/bin/sh\n${wait}\nexec /bin/${name} "$@"\n`);
  }
  const results = await Promise.all([1, 2, 3, 4, 5].map(() => machine.run("apply", { programs })));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(results.filter(({ output }) => output.includes("applied: "))).toHaveLength(1);
  expect(results.filter(({ output }) => output.includes("unchanged: "))).toHaveLength(4);
  expect(links()).toEqual([]);
  expect((await machine.run("restore")).code).toBe(0);
  expect(machine.tree()).toEqual(before);
});
