import { join } from "node:path";
import fc from "fast-check";
import type { HostVerb } from "../../infra/host/payload";
import type { Ran } from "./commands";
import { Machine, type Shell } from "./machine";
import { all, version, versionsOf } from "./versions";

/**
 * Random orders of what can happen to a host, each under one of the shells. `SCHEDULES` sets their number,
 * `SCHEDULES_SEED` repeats a run; a failure prints the shortest schedule that fast-check finds for it.
 */
const RUNS = Number(process.env.SCHEDULES ?? 100);
const SEED = Number(process.env.SCHEDULES_SEED ?? Date.now() % 2 ** 31);

/** What comes between a run and its end: it is killed at a step, or the operator saves a file. */
interface Interruption {
  readonly killAt?: number | undefined;
  readonly edit?: { readonly at: number; readonly what: Edited } | undefined;
}

type Edited = ".env" | "openclaw.json";

type Step =
  | ({ readonly do: "up"; readonly model: number } & Interruption)
  | ({ readonly do: "bad up" | "destroy" | "bypass" | "bypass_end" } & Interruption)
  | { readonly do: "edit"; readonly what: Edited };

const edited = fc.constantFrom<Edited>(".env", "openclaw.json");

/** At one of the first so many steps of a run. */
function interruption(steps: number): fc.Arbitrary<Interruption> {
  const at = fc.integer({ min: 1, max: steps });
  const edit = fc.record({ at, what: edited });
  return fc.oneof(
    fc.constant({}),
    { weight: 2, arbitrary: fc.record({ killAt: at }) },
    { weight: 2, arbitrary: fc.record({ edit }) },
    fc.record({ killAt: at, edit }),
  );
}

function run<T extends Step["do"]>(verb: T, steps: number): fc.Arbitrary<{ do: T } & Interruption> {
  return interruption(steps).map((interrupted) => ({ do: verb, ...interrupted }));
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(run("up", 40), fc.integer({ min: 1, max: 2 }))
      .map(([up, model]) => ({ ...up, model })),
  },
  { weight: 2, arbitrary: run("bad up", 50) },
  run("destroy", 20),
  run("bypass", 30),
  run("bypass_end", 40),
  { weight: 2, arbitrary: edited.map((what) => ({ do: "edit" as const, what })) },
);

/** Most are short, because a long one takes its time; what takes six steps to go wrong has to come up as well. */
const schedule = fc.oneof(
  { weight: 3, arbitrary: fc.array(step, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(step, { minLength: 4, maxLength: 8 }) },
);

/** The operator's host, what he has edited since, and what is to be true of both. */
class Host {
  readonly #machine: Machine;
  readonly #shell: Shell;
  readonly #before: Record<string, string>;
  #lines = "";
  #theme = 0;
  #edits = 0;

  constructor(machine: Machine, shell: Shell) {
    this.#machine = machine;
    this.#shell = shell;
    this.#before = machine.tree();
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "up":
        return this.#run("apply", step.model, step);
      case "destroy":
        return this.#run("restore", 1, step);
      case "bypass":
      case "bypass_end":
        return this.#run(step.do, 1, step);
      case "bad up":
        return this.#badUp(step);
      case "edit":
        this.#machine.edit(this.#edit(step.what));
        return this.#remember(step.what);
    }
  }

  /** A program for {@link Machine.edit}. */
  #edit(what: Edited): string {
    const file = JSON.stringify(join(this.#machine.project, what === ".env" ? what : "state/openclaw.json"));
    if (what === ".env") return `fs.appendFileSync(${file}, "EDIT${this.#edits + 1}=1\\n")`;
    return `const config = JSON.parse(fs.readFileSync(${file}, "utf8"));
      fs.writeFileSync(${file}, JSON.stringify({ ...config, ui: { theme: ${this.#edits + 1} } }))`;
  }

  #remember(what: Edited): void {
    this.#edits += 1;
    if (what === ".env") this.#lines += `EDIT${this.#edits}=1\n`;
    else this.#theme = this.#edits;
  }

  /** Old or new, never a mix: the configuration file is always that of the container which reads it. */
  checkNoMix(): void {
    const { container, config } = versionsOf(this.#machine);
    if (this.#machine.serving() !== "nothing")
      expect({ container, config }).toEqual({ container, config: container });
  }

  /** Destroy gives everything back, with the operator's edits. */
  async checkRestored(): Promise<void> {
    await this.#run("restore", 1, {});
    expect(this.#machine.serving()).toBe("own");
    const { "state/openclaw.json": config, ...after } = this.#machine.tree();
    const { "state/openclaw.json": original, ...before } = this.#before;
    expect(after).toEqual({ ...before, ".env": `${before[".env"]}${this.#lines}` });
    if (this.#theme === 0) expect(config).toBe(original);
    else expect(jsonIn(config)).toEqual({ ...jsonIn(original), ui: { theme: this.#theme } });
  }

  async #run(verb: HostVerb, model: number, interruption: Interruption): Promise<void> {
    const result = await this.#interrupted(verb, model, interruption);
    // A run that was killed says nothing; any other has to succeed, whatever came before it, or to have no use.
    if (result.code === null) return;
    const refusal = USELESS[verb];
    const isUseless = refusal !== undefined && result.output.includes(`error ${refusal}:`);
    const isEdited = interruption.edit !== undefined && result.output.includes("error edited_meanwhile:");
    expect(result).toEqual({ code: isUseless || isEdited ? 1 : 0, output: expect.any(String) });
    this.#checkVersions(result.output);
    if (isEdited) return expect(this.#machine.serving()).not.toBe("nothing");
    const isGateway = !isUseless && (verb === "apply" || verb === "bypass_end");
    expect(this.#machine.serving()).toBe(isGateway ? "new" : "own");
  }

  /** After a run that came to its end all is of one version. */
  #checkVersions(output: string): void {
    const versions = versionsOf(this.#machine);
    expect({ ...versions, output }).toEqual({ ...all(versions.container), output });
  }

  async #badUp(interruption: Interruption): Promise<void> {
    this.#machine.behave({ turn: "fail", clock: 10 });
    const { code, output } = await this.#interrupted("apply", 3, interruption);
    this.#machine.behave({});
    if (code === null) return;
    expect(this.#machine.serving()).not.toBe("nothing");
    this.#checkVersions(output);
  }

  async #interrupted(verb: HostVerb, model: number, { killAt, edit }: Interruption): Promise<Ran> {
    const stdin = this.#machine.stdin(version(this.#machine, model));
    if (killAt !== undefined) this.#machine.steps.killAt(killAt);
    if (edit !== undefined) this.#machine.steps.editAt(edit.at, this.#edit(edit.what));
    const result = await this.#machine.run(verb, { shell: this.#shell, stdin });
    if (this.#machine.steps.letRun().isEdited && edit !== undefined) this.#remember(edit.what);
    return result;
  }
}

/** Why a run has no use: an up on a bypassed host, a bypass of one that was not set up. */
const USELESS: Partial<Record<HostVerb, string>> = {
  apply: "host_bypassed",
  bypass: "not_managed",
  bypass_end: "not_managed",
};

/** The content of an entry of {@link Machine.tree}. */
function jsonIn(entry: string | undefined): Record<string, unknown> {
  return JSON.parse((entry ?? "").replace(/^\d+ \d+ \d+ /, ""));
}

test(
  `${RUNS} random schedules of up, edit, bypass, kill and destroy (seed ${SEED})`,
  async () => {
    const shells = fc.constantFrom<Shell>("dash", "bash", "busybox");
    const property = fc.asyncProperty(schedule, shells, async (steps, shell) => {
      const machine = await Machine.create();
      try {
        machine.start();
        const host = new Host(machine, shell);
        for (const next of steps) {
          await host.take(next);
          host.checkNoMix();
        }
        await host.checkRestored();
      } finally {
        await machine.remove();
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: false });
  },
  RUNS * 60_000,
);
