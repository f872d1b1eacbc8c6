import { writeFileSync } from "node:fs";
import { Machine, type Verb } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.write("state/openclaw.json.bak", '{"gateway":{"mode":"local"}}');
  machine.start();
});
afterEach(() => machine.remove());

/** Kills a run of `verb` at its n-th step for n = first, first + stride … until one ends by itself; `then` follows each. */
async function killEverywhere(
  verb: Verb,
  first: number,
  stride: number,
  then: () => Promise<void>,
): Promise<number> {
  for (let step = first; ; step += stride) {
    if (verb === "restore") await machine.run("apply");
    machine.killAt(step);
    const { code } = await machine.run(verb);
    machine.dontKill();
    if (code === 0) return step;
    await then();
  }
}

test("apply killed at any step: the next restore gives every byte back, and the operator's service runs", async () => {
  const before = machine.tree();
  const steps = await killEverywhere("apply", 1, 2, async () => {
    expect(await machine.run("restore")).toEqual({ code: 0, output: expect.any(String) });
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  });
  expect(steps).toBeGreaterThan(15);
}, 600_000);

test("apply killed at any step: the next apply completes, and restore gives every byte back", async () => {
  const before = machine.tree();
  await killEverywhere("apply", 2, 2, async () => {
    expect(await machine.run("apply")).toEqual({
      code: 0,
      output: expect.stringMatching(/applied|in place|unchanged/),
    });
    expect(machine.serving()).toBe("new");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });
}, 600_000);

test("restore killed at any step: the next restore completes it", async () => {
  const before = machine.tree();
  const steps = await killEverywhere("restore", 1, 1, async () => {
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  });
  expect(steps).toBeGreaterThan(8);
}, 600_000);

test("restore killed at any step: an apply that fails leaves a configuration serving, one that succeeds the new", async () => {
  const before = machine.tree();
  await killEverywhere("restore", 1, 2, async () => {
    machine.behave({ turn: "fail" });
    const failed = await machine.run("apply");
    machine.behave({});
    expect(machine.serving()).toBe(failed.code === 0 ? "new" : "own");
    expect((await machine.run("apply")).code).toBe(0);
    expect(machine.serving()).toBe("new");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });
}, 600_000);

test("a killed apply, then an edit of .env: the edit stays", async () => {
  const original = machine.file(".env");
  await killEverywhere("apply", 12, 4, async () => {
    writeFileSync(machine.envFile, `${machine.file(".env")}EDIT=1\n`);
    await machine.run("restore");
    expect(machine.file(".env")).toBe(`${original}EDIT=1\n`);
    writeFileSync(machine.envFile, original);
  });
}, 600_000);

test.each([1, 4, 7, 10, 13, 16, 19])(
  "the connection ends at step %i: the work goes on to its end",
  async (step) => {
    // sshd closes what it holds; a terminal, had there been one, would have sent the signals.
    machine.killAt(step, "HUP PIPE TERM INT");
    const { child, ended } = machine.begin("apply");
    child.stdin?.end(machine.stdin());
    child.stdout?.destroy();
    child.stderr?.destroy();
    await ended;
    machine.dontKill();
    expect(machine.serving()).toBe("new");
    expect((await machine.run("apply")).output).toContain("unchanged");
  },
);

test("four at once do the work once", async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => machine.run("apply")));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(results.filter(({ output }) => output.includes("applied: "))).toHaveLength(1);
  expect(machine.file(".env").match(/>>>/g)).toHaveLength(1);
  expect(machine.starts().filter((line) => line.endsWith("new"))).toHaveLength(1);
});
