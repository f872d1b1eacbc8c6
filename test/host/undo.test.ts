import { existsSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProgram } from "./commands";
import { done, failed } from "./expectations";
import { KEYS } from "./fixtures";
import { JSON5, Machine } from "./machine";
import { all, version, versionsOf } from "./versions";

/** An undo of a change of a working configuration, and what else can go wrong with such a host. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

const apply = (number: number) => machine.run("apply", { stdin: machine.stdin(version(machine, number)) });
const stuck = () => machine.behave({ start: "refuse", onlyNew: false });

/** Does `next` after `run` was killed at its n-th step, for each n of a new machine, until `next` has seen enough. */
async function killEvery(
  { first, stride }: { first: number; stride: number },
  before: () => Promise<unknown>,
  run: () => Promise<{ code: number | null }>,
  next: (step: number) => Promise<boolean>,
): Promise<void> {
  for (let step = first, goesOn = true; goesOn; step += stride) {
    await before();
    machine.steps.killAt(step);
    const { code } = await run();
    machine.steps.letRun();
    goesOn = code !== 0 && (await next(step));
    expect(goesOn || step > first).toBe(true);
    await machine.remove();
    machine = await Machine.create();
    machine.start();
  }
}

describe("the end of a bypass was undone, and the service could not be started", () => {
  let before: Record<string, string>;
  beforeEach(async () => {
    before = machine.tree();
    await machine.run("apply");
    await machine.run("bypass");
    stuck();
    expect((await machine.run("bypass_end")).code).toBe(1);
    expect(machine.serving()).toBe("nothing");
  });

  test("a bypass starts it", async () => {
    expect(await machine.run("bypass")).toEqual(failed("error start_failed"));
    machine.behave({});
    expect(await machine.run("bypass")).toEqual(done("bypassed already"));
    expect(machine.serving()).toBe("own");
  });

  test("a destroy starts it", async () => {
    machine.behave({});
    expect(await machine.run("restore")).toEqual(done("restored"));
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(before);
  });
});

test("a bypass that cannot start the service: the next one does", async () => {
  await machine.run("apply");
  stuck();
  expect(await machine.run("bypass")).toEqual(failed("error start_failed"));
  machine.behave({});
  expect(await machine.run("bypass")).toEqual(done("bypassed already"));
  expect(machine.serving()).toBe("own");
});

test("nor could a destroy start it: the next up does, even where it is refused", async () => {
  stuck();
  await apply(1);
  expect(await machine.run("restore")).toEqual(failed("error start_failed"));
  machine.behave({ config: "refuse" });
  expect(await apply(1)).toEqual(failed("error config_refused"));
  expect(machine.serving()).toBe("own");
});

test("the service could not be started, and a restore is killed: it is finished before anything is started", async () => {
  await killEvery(
    { first: 2, stride: 3 },
    async () => {
      await apply(1);
      stuck();
      await apply(2);
      machine.behave({});
    },
    () => machine.run("restore"),
    async (step) => {
      // Right after what this one starts first.
      machine.steps.killAt(2);
      await machine.run("apply");
      if (machine.serving() === "nothing") return true;
      const { container, config } = versionsOf(machine);
      expect({ step, container, config }).toEqual({ step, container, config: container });
      return true;
    },
  );
}, 600_000);

test("killed before it stops the service, which the operator starts anew: one version in the end", async () => {
  await killEvery(
    { first: 3, stride: 1 },
    () => apply(1),
    () => apply(2),
    async (step) => {
      const isReached = existsSync(join(machine.state, "journal"));
      const isPast = isReached && !existsSync(join(machine.state, "undo/running"));
      machine.start();
      machine.behave({ config: "refuse" });
      const { output } = await apply(2);
      expect({ step, output, ...versionsOf(machine) }).toEqual({ step, output, ...all(1) });
      return !isPast;
    },
  );
}, 600_000);

test.each([[0], [1]])(
  "over version %i: a comment in an openclaw.json that the run has not come to",
  async (old) => {
    machine.set(JSON5, String.raw`exports.parse = (text) => JSON.parse(text.replace(/^\/\/.*$/gm, ""));`);
    if (old > 0) await apply(old);
    const file = JSON.stringify(machine.configFile);
    machine.steps.editAt(7, `fs.writeFileSync(${file}, "// mine\\n" + fs.readFileSync(${file}, "utf8"))`);
    const { output } = await apply(2);
    expect(output).toContain("error edited_meanwhile");
    expect(output).not.toContain("nothing was changed");
    expect(machine.file("state/openclaw.json")).toMatch(/^\/\/ mine\n/);
    expect(versionsOf(machine)).toEqual(all(old));
  },
);

test("an .env that is saved again as it was has its own mode after an undo", async () => {
  const before = machine.tree();
  const [file, text] = [JSON.stringify(machine.envFile), JSON.stringify(machine.file(".env"))];
  machine.steps.editAt(12, `fs.writeFileSync(${file}, ${text})`);
  machine.behave({ turn: "fail", clock: 10 });
  expect((await apply(1)).code).toBe(1);
  expect(machine.steps.letRun()).toEqual({ isEdited: true });
  expect(machine.tree()).toEqual(before);
});

test.each(["undo/0", "undo/config.delta", "v1/env.kept"])(
  "killed, and %s does not open: after edits too no key is in clear, and there is no mix",
  async (sealed) => {
    await killEvery(
      { first: 9, stride: 3 },
      () => apply(1),
      () => apply(2),
      async () => {
        if (machine.tree()[".openclaw-ai-gateway/current"]?.endsWith(" 2\n")) return false;
        if (!existsSync(join(machine.state, "journal"))) return true;
        truncateSync(join(machine.state, sealed), 5);
        writeFileSync(machine.envFile, `${machine.file(".env")}EDIT=1\n`);
        const config = JSON.parse(machine.file("state/openclaw.json"));
        machine.write("state/openclaw.json", JSON.stringify({ ...config, ui: { theme: 1 } }));
        machine.behave({ config: "refuse" });
        const { output } = await apply(2);
        // What does not open is no ground to go on from.
        if (existsSync(join(machine.state, "journal"))) expect(output).toContain("error seal_broken");
        else expect({ output, ...versionsOf(machine) }).toEqual({ output, ...all(1) });
        const files = Object.values(machine.tree()).join("\n");
        for (const key of Object.values(KEYS)) expect(files).not.toContain(key);
        return true;
      },
    );
  },
  600_000,
);

test("an OpenClaw that was set up by hand, with our names in its own .env", async () => {
  const config = JSON.parse(machine.file("state/openclaw.json"));
  config.models.providers.anthropic.apiKey = "$" + "{AI_GATEWAY_AUTH_TOKEN}";
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write("state/.env", "AI_GATEWAY_AUTH_TOKEN=of-his-own\n");
  const before = machine.tree();
  expect(await machine.run("preflight")).toEqual(done("preflight passed"));
  expect(await machine.run("apply")).toEqual(done("applied"));
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("an edited override for whose copy there is no room leaves nothing behind", async () => {
  const before = machine.tree();
  await machine.run("apply");
  const ours = machine.file("docker-compose.ai-gateway.yml");
  machine.write("docker-compose.ai-gateway.yml", ours.replace("{", '{"x-mine":1,'));
  const programs = join(machine.root, "programs");
  makeProgram(
    programs,
    "cp",
    '#!/bin/sh\ncase "$*" in *.edited*) : >"$3"; exit 1 ;; esac\nexec /bin/cp "$@"\n',
  );
  expect(await machine.run("restore", { programs })).toEqual(failed("error restore_unfinished"));
  machine.write("docker-compose.ai-gateway.yml", ours);
  expect(await machine.run("restore")).toEqual(done("restored"));
  expect(machine.tree()).toEqual(before);
});

test("with the state directory gone, a restore is killed: the next up finishes it", async () => {
  await killEvery(
    { first: 2, stride: 3 },
    async () => {
      await machine.run("apply");
      rmSync(machine.state, { recursive: true });
    },
    () => machine.run("restore"),
    async () => {
      if (!existsSync(join(machine.state, "restoring"))) return true;
      expect(await machine.run("preflight")).toEqual(done("an earlier run did not end"));
      const { output } = await machine.run("apply");
      expect(output).toContain("finishing it first");
      expect(output).not.toContain("error state_lost");
      expect(machine.serving()).toBe("new");
      return true;
    },
  );
}, 600_000);
