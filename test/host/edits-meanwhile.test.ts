import type { Behaviour } from "./behaviour";
import type { Ran } from "./commands";
import { KEYS } from "./fixtures";
import { Machine } from "./machine";
import { all, version, versionsOf } from "./versions";

/** What an operator saves while a run is at work, at each of its steps. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

interface Edit {
  /** A program for Node. */
  make(): string;
  isKept(): boolean;
}

const OVERRIDE = "docker-compose.ai-gateway.yml";

const EDITS: Record<string, Edit> = {
  "a line in .env": {
    make: () => `fs.appendFileSync(${path(".env")}, "EDIT=1\\n")`,
    isKept: () => machine.file(".env").includes("EDIT=1\n"),
  },
  "an .env that was opened before the run": {
    make: () => `fs.writeFileSync(${path(".env")}, ${JSON.stringify(`EDIT=1\n${machine.file(".env")}`)})`,
    isKept: () => machine.file(".env").includes("EDIT=1\n"),
  },
  "a setting in openclaw.json": {
    make: () => `const file = ${path("state/openclaw.json")}
      fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file)), ui: { theme: 1 } }))`,
    isKept: () => JSON.parse(machine.file("state/openclaw.json")).ui?.theme === 1,
  },
  "the override": {
    make: () => `const file = ${path(OVERRIDE)}
      fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("{", '{"x-mine":1,'))`,
    isKept: () => Object.values(machine.tree()).some((content) => content.includes("x-mine")),
  },
};

function path(name: string): string {
  return JSON.stringify(`${machine.project}/${name}`);
}

const apply = (number: number) => machine.run("apply", { stdin: machine.stdin(version(machine, number)) });

/**
 * Applies version 2 on a new machine with version 1 each, with the edit so many steps later each time, until it comes too
 * late; `look` follows each.
 */
async function editEvery<T>(
  stride: number,
  { make }: Edit,
  look: (ran: Ran) => Promise<T>,
  behaviour: Partial<Behaviour> = {},
): Promise<(T & { step: number })[]> {
  const found = [];
  for (let step = 1, isEdited = true; isEdited; step += stride) {
    await apply(1);
    machine.behave(behaviour);
    machine.steps.editAt(step, make());
    const ran = await apply(2);
    isEdited = machine.steps.letRun().isEdited;
    if (isEdited) found.push({ step, ...(await look(ran)) });
    await machine.remove();
    machine = await Machine.create();
    machine.start();
  }
  expect(found.length).toBeGreaterThan(3);
  return found;
}

function keysInFiles(): string[] {
  const files = Object.entries(machine.tree());
  const withKey = ([, text]: [string, string]) => Object.values(KEYS).some((key) => text.includes(key));
  return files.filter(withKey).map(([name]) => name);
}

describe.each(Object.entries(EDITS))("%s", (_name, edit) => {
  test("while a change of a working configuration fails: that configuration is back, with the edit", async () => {
    const look = async (ran: Ran) => ({
      ...ran,
      ...versionsOf(machine),
      isKept: edit.isKept(),
      keys: keysInFiles(),
    });
    const found = await editEvery(7, edit, look, { turn: "fail", clock: 10 });
    const right = { code: 1, ...all(1), isKept: true, keys: [] };
    expect(found).toEqual(found.map(({ step, output }) => ({ step, output, ...right })));
  }, 600_000);

  test("while a change succeeds or is refused for it: the edit is kept, and destroy keeps it too", async () => {
    const before = machine.tree();
    const found = await editEvery(5, edit, async ({ output }) => {
      const { container } = versionsOf(machine);
      await machine.run("restore");
      const added = Object.keys(machine.tree()).filter((name) => !(name in before));
      return {
        output,
        container,
        isKept: edit.isKept(),
        added: added.filter((name) => !name.includes(".edited")),
      };
    });
    expect(found).toEqual(found.map((one) => ({ ...one, isKept: true, added: [] })));
    expect(found.every(({ container, output }) => container === (output.includes("applied: ") ? 2 : 1))).toBe(
      true,
    );
  }, 600_000);
});

test("an edit while the Worker is asked: nothing is interrupted", async () => {
  await apply(1);
  const starts = machine.starts();
  const stops = () => machine.dockerCalls().split("compose stop").length;
  const before = stops();
  machine.workerNotReady = 1;
  const running = apply(2);
  while (machine.workerNotReady > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  machine.edit(`fs.appendFileSync(${path(".env")}, "EDIT=1\\n")`);
  expect(await running).toEqual({ code: 1, output: expect.stringContaining("error edited_meanwhile") });
  expect(stops()).toBe(before);
  expect(machine.starts()).toEqual(starts);
  expect(versionsOf(machine)).toEqual(all(1));
});
