import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { read } from "./commands";

/** What happens at a step of a run; `fake-docker/step.sh` says what a step is. */
export class Steps {
  readonly #machine: string;

  constructor(machine: string) {
    this.#machine = machine;
  }

  /** The run that follows dies at this step, and all that it started with it; or it gets these signals there. */
  killAt(step: number, signals = "KILL"): void {
    writeFileSync(join(this.#machine, "kill-signals"), signals);
    writeFileSync(join(this.#machine, "kill-at"), String(step));
    this.#startCounting();
  }

  /** The operator edits a file after this step: a program for Node, with `fs`. */
  editAt(step: number, program: string): void {
    const at = join(this.#machine, "edit-at");
    this.writeEdit(`fs.rmSync(${JSON.stringify(at)});\n${program}`);
    writeFileSync(at, String(step));
    this.#startCounting();
  }

  /** @returns the file with the program */
  writeEdit(program: string): string {
    const file = join(this.#machine, "edit.cjs");
    writeFileSync(file, `const fs = require("node:fs");\n${program}`);
    return file;
  }

  #startCounting(): void {
    writeFileSync(join(this.#machine, "counts"), "");
    writeFileSync(join(this.#machine, "steps"), "0");
  }

  /** How many there were. */
  count(): number {
    return Number(read(join(this.#machine, "steps")));
  }

  /** From here on nothing happens to a run. Says whether a file was edited in the last one. */
  letRun(): { isEdited: boolean } {
    const isEdited = !existsSync(join(this.#machine, "edit-at"));
    for (const name of ["kill-at", "edit-at", "counts"]) rmSync(join(this.#machine, name), { force: true });
    return { isEdited };
  }
}
