import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { openclawPatch } from "../../infra/host/openclaw-config";
import type { HostVerb } from "../../infra/host/payload";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { Machine, type Shell } from "./machine";

/**
 * Random orders of what can happen to a host, each under one of the shells. `SCHEDULES` sets their number,
 * `SCHEDULES_SEED` repeats a run; a failure prints the shortest schedule that fast-check finds for it.
 */
const RUNS = Number(process.env.SCHEDULES ?? 100);
const SEED = Number(process.env.SCHEDULES_SEED ?? Date.now() % 2 ** 31);

type Step =
  | { readonly do: "up"; readonly model: number; readonly killAt?: number }
  | { readonly do: "destroy"; readonly killAt?: number }
  | { readonly do: "bypass" | "bypass_end"; readonly killAt?: number }
  | { readonly do: "bad up" }
  | { readonly do: "edit .env" | "edit openclaw.json" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("up" as const), model: fc.integer({ min: 1, max: 2 }) }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("up" as const),
      model: fc.integer({ min: 1, max: 2 }),
      killAt: fc.integer({ min: 1, max: 40 }),
    }),
  },
  fc.record({ do: fc.constant("destroy" as const), killAt: fc.integer({ min: 1, max: 15 }) }),
  fc.record({
    do: fc.constantFrom("bypass" as const, "bypass_end" as const),
    killAt: fc.integer({ min: 1, max: 30 }),
  }),
  fc.constantFrom<Step>(
    { do: "destroy" },
    { do: "bypass" },
    { do: "bypass_end" },
    { do: "bad up" },
    { do: "edit .env" },
    { do: "edit openclaw.json" },
  ),
);

/** The operator's host, what he has edited since, and what is to be true of both. */
class Host {
  readonly #machine: Machine;
  readonly #shell: Shell;
  readonly #before: Record<string, string>;
  #lines = "";
  #theme: number | undefined;

  constructor(machine: Machine, shell: Shell) {
    this.#machine = machine;
    this.#shell = shell;
    this.#before = machine.tree();
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "up":
        return this.#run("apply", { model: step.model, killAt: step.killAt });
      case "destroy":
        return this.#run("restore", { model: 1, killAt: step.killAt });
      case "bypass":
      case "bypass_end":
        return this.#run(step.do, { model: 1, killAt: step.killAt });
      case "bad up":
        return this.#badUp();
      case "edit .env":
        this.#lines += `EDIT${this.#lines.length}=1\n`;
        return writeFileSync(this.#machine.envFile, this.#lines.slice(this.#lines.lastIndexOf("EDIT")), {
          flag: "a",
        });
      case "edit openclaw.json":
        return this.#editConfig();
    }
  }

  /** Old or new, never a mix: the configuration file is always that of the container which reads it. */
  checkNoMix(): void {
    const serving = this.#machine.serving();
    const refersToUs = this.#machine.file("state/openclaw.json").includes("{AI_GATEWAY_");
    if (serving !== "nothing")
      expect({ serving, refersToUs }).toEqual({ serving, refersToUs: serving === "new" });
  }

  /** Destroy gives everything back, with the operator's edits. */
  async checkRestored(): Promise<void> {
    await this.#run("restore", { model: 1 });
    expect(this.#machine.serving()).toBe("own");
    const { "state/openclaw.json": config, ...after } = this.#machine.tree();
    const { "state/openclaw.json": original, ...before } = this.#before;
    expect(after).toEqual({ ...before, ".env": `${before[".env"]}${this.#lines}` });
    if (this.#theme === undefined) expect(config).toBe(original);
    else expect(jsonIn(config)).toEqual({ ...jsonIn(original), ui: { theme: this.#theme } });
  }

  async #run(
    verb: HostVerb,
    { model, killAt }: { model: number; killAt?: number | undefined },
  ): Promise<void> {
    if (killAt !== undefined) this.#machine.killAt(killAt);
    const result = await this.#machine.run(verb, { shell: this.#shell, stdin: this.#stdin(model) });
    this.#machine.dontKill();
    // A run that was killed says nothing; any other has to succeed, whatever came before it, or to have no use.
    const refusal = USELESS[verb];
    const isUseless = refusal !== undefined && result.output.includes(`error ${refusal}:`);
    if (result.code !== null) expect(result).toEqual({ code: isUseless ? 1 : 0, output: expect.any(String) });
    if (result.code === null) return;
    const isGateway = !isUseless && (verb === "apply" || verb === "bypass_end");
    expect(this.#machine.serving()).toBe(isGateway ? "new" : "own");
  }

  async #badUp(): Promise<void> {
    this.#machine.behave({ turn: "fail" });
    await this.#machine.run("apply", { shell: this.#shell, stdin: this.#stdin(3) });
    this.#machine.behave({});
    expect(this.#machine.serving()).not.toBe("nothing");
  }

  #editConfig(): void {
    const config = JSON.parse(this.#machine.file("state/openclaw.json"));
    this.#theme = (this.#theme ?? 0) + 1;
    this.#machine.write("state/openclaw.json", JSON.stringify({ ...config, ui: { theme: this.#theme } }));
  }

  #stdin(model: number): string {
    const models = [{ ref: "anthropic/claude-sonnet-4-6", name: `Name ${model}` }];
    return this.#machine.stdin({
      patch: JSON.stringify(openclawPatch({ providers: LLM_PROVIDERS, models })),
    });
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
    const schedule = fc.array(step, { minLength: 1, maxLength: 3 });
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
