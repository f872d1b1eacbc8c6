import { writeFileSync } from "node:fs";
import type { HostVerb } from "../../infra/host/payload";
import { Machine, type Shell } from "./machine";
import { version } from "./versions";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.write("state/openclaw.json.bak", '{"gateway":{"mode":"local"}}');
  machine.start();
});
afterEach(() => machine.remove());

/** What a verb needs to have something to do. */
const BEFORE: Partial<Record<HostVerb, readonly HostVerb[]>> = {
  restore: ["apply"],
  bypass: ["apply"],
  bypass_end: ["apply", "bypass"],
};

/** busybox runs `mv` and `rm` of its own, which are no steps here; `schedules` kills it at what Docker does. */
const SHELLS: readonly Shell[] = ["dash", "bash"];

/**
 * Kills a run of `verb` at its n-th step for n = first, first + stride … until one ends by itself; `then` follows each.
 * The shells take turns.
 */
async function killEverywhere(
  verb: HostVerb,
  first: number,
  stride: number,
  then: () => Promise<void>,
): Promise<number> {
  for (let step = first, kills = 0; ; step += stride, kills++) {
    for (const earlier of BEFORE[verb] ?? []) await machine.run(earlier);
    machine.steps.killAt(step);
    const { code } = await machine.run(verb, { shell: SHELLS[kills % SHELLS.length] ?? "dash" });
    machine.steps.letRun();
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
    machine.behave({ turn: "fail", clock: 10 });
    const failed = await machine.run("apply");
    machine.behave({});
    expect(machine.serving()).toBe(failed.code === 0 ? "new" : "own");
    expect((await machine.run("apply")).code).toBe(0);
    expect(machine.serving()).toBe("new");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });
}, 600_000);

test("bypass killed at any step: an up never ends it by accident, and restore gives every byte back", async () => {
  const before = machine.tree();
  const steps = await killEverywhere("bypass", 1, 3, async () => {
    const { code, output } = await machine.run("apply");
    expect(output).toMatch(code === 0 ? /unchanged/ : /error host_bypassed/);
    expect(machine.serving()).toBe(code === 0 ? "new" : "own");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  });
  expect(steps).toBeGreaterThan(8);
}, 600_000);

test("bypass killed at any step: the next bypass completes it, or its end does", async () => {
  const before = machine.tree();
  let isFirst = false;
  await killEverywhere("bypass", 2, 3, async () => {
    isFirst = !isFirst;
    const next = isFirst ? "bypass" : "bypass_end";
    expect(await machine.run(next)).toEqual({ code: 0, output: expect.any(String) });
    expect(machine.serving()).toBe(isFirst ? "own" : "new");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });
}, 600_000);

test("the end of a bypass killed at any step: an up says so or finds it done, the next end completes it", async () => {
  const before = machine.tree();
  await killEverywhere("bypass_end", 1, 4, async () => {
    const { code, output } = await machine.run("apply");
    expect(output).toMatch(code === 0 ? /unchanged|in place/ : /error host_bypassed/);
    expect(machine.serving()).toBe(code === 0 ? "new" : "own");
    expect((await machine.run("bypass_end")).code).toBe(0);
    expect(machine.serving()).toBe("new");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });
}, 600_000);

test("the end of a bypass killed at any step: the next restore gives every byte back", async () => {
  const before = machine.tree();
  await killEverywhere("bypass_end", 3, 4, async () => {
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
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

/** What has to be true of a host on which this verb did all its work. */
const DONE: Partial<Record<HostVerb, (before: Record<string, string>) => Promise<void>>> = {
  apply: async () => {
    expect(machine.serving()).toBe("new");
    expect((await machine.run("apply")).output).toContain("unchanged");
  },
  restore: async (before) => {
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(before);
  },
  bypass: async () => {
    expect(machine.serving()).toBe("own");
    expect((await machine.run("bypass")).output).toContain("bypassed already");
  },
  bypass_end: async () => {
    expect(machine.serving()).toBe("new");
    expect((await machine.run("bypass_end")).output).toContain("unchanged");
  },
};

describe.each<[HostVerb, string, Shell, number, number]>([
  ["apply", "", "dash", 1, 4],
  ["apply", " through sudo", "bash", 3, 9],
  ["restore", "", "bash", 1, 3],
  ["bypass", "", "bash", 2, 3],
  ["bypass_end", "", "dash", 2, 8],
])("the connection ends during %s%s", (verb, sudo, shell, first, stride) => {
  test(`at any step, under ${shell}: the work goes on to its end`, async () => {
    if (sudo) {
      machine.denyDocker();
      machine.allowSudo();
    }
    const before = machine.tree();
    let step = first;
    for (; ; step += stride) {
      for (const earlier of BEFORE[verb] ?? []) await machine.run(earlier);
      // sshd closes what it holds; a terminal, had there been one, would have sent the signals.
      machine.steps.killAt(step, "HUP PIPE TERM INT");
      const { child, ended } = machine.begin(verb, { shell });
      child.stdin?.end(machine.stdin());
      child.stdout?.destroy();
      child.stderr?.destroy();
      await ended;
      const isOver = machine.steps.count() < step;
      machine.steps.letRun();
      await DONE[verb]?.(before);
      if (isOver) break;
      await machine.run("restore");
    }
    expect(step).toBeGreaterThan(6);
  }, 600_000);
});

test("four at once do the work once", async () => {
  const results = await Promise.all([1, 2, 3, 4].map(() => machine.run("apply")));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(results.filter(({ output }) => output.includes("applied: "))).toHaveLength(1);
  expect(machine.file(".env").match(/>>>/g)).toHaveLength(1);
  expect(machine.starts().filter((line) => line.endsWith("new"))).toHaveLength(1);
});

describe("Docker can start nothing at the moment", () => {
  const stuck = () => machine.behave({ start: "refuse", onlyNew: false });

  test("an up that is undone leaves OpenClaw down, and the next one starts it before anything else", async () => {
    const before = machine.tree();
    stuck();
    const undone = await machine.run("apply");
    expect(undone).toEqual({ code: 1, output: expect.stringMatching(/warning: .*start_failed/) });
    expect(machine.serving()).toBe("nothing");
    expect((await machine.run("apply")).output).toContain("error start_failed");

    machine.behave({ turn: "fail", clock: 10 });
    expect((await machine.run("apply")).code).toBe(1);
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(before);
  });

  test("an up that is undone leaves OpenClaw down, and a destroy starts it", async () => {
    const before = machine.tree();
    stuck();
    await machine.run("apply");
    expect((await machine.run("restore")).output).toContain("error start_failed");
    machine.behave({});
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(before);
  });

  test("of a working configuration: the next up serves, and so does destroy", async () => {
    const before = machine.tree();
    await machine.run("apply");
    const changed = { stdin: machine.stdin(version(machine, 2)) };
    stuck();
    expect((await machine.run("apply", changed)).code).toBe(1);
    machine.behave({});
    expect((await machine.run("apply", changed)).output).toContain("serving");
    expect(machine.serving()).toBe("new");

    stuck();
    expect((await machine.run("apply")).code).toBe(1);
    machine.behave({});
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(before);
  });
});
