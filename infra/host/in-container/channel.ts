import { readFileSync } from "node:fs";

/** Fields by name, as the shell program sends them: one line each, `name base64`. */
export class Fields {
  readonly #values = new Map<string, string>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      const space = line.indexOf(" ");
      if (space > 0)
        this.#values.set(line.slice(0, space), Buffer.from(line.slice(space + 1), "base64").toString());
    }
  }

  /** The field's text; empty when it was not sent. */
  text(name: string): string {
    return this.#values.get(name) ?? "";
  }

  /** Whether the host calls the gateway itself, and so keeps its provider keys. */
  get isDirect(): boolean {
    return this.text("access") === "direct";
  }

  seconds(name: string): number {
    return Number(this.text(name)) || 0;
  }

  words(name: string): string[] {
    return this.text(name).split(/\s+/).filter(Boolean);
  }

  /** A field that holds JSON of a shape that this program's other half wrote. */
  json<T>(name: string, absent: T): T {
    const text = this.text(name);
    return text ? (JSON.parse(text) as T) : absent;
  }
}

/** Answers the shell program: `name base64`, so that any text arrives whole. */
export function answer(name: string, text: string): void {
  process.stdout.write(`${name} ${Buffer.from(text).toString("base64")}\n`);
}

/** Why the step cannot go on, in the form in which the shell program says it too. Never holds a secret. */
export class Refusal extends Error {
  /**
   * @param code has a line in docs/troubleshooting.md
   * @param fix the command, or the edit, that puts it right
   */
  constructor(code: string, found: string, expected: string, fix: string) {
    super(`error ${code}: ${found}\n  expected: ${expected}\n  fix: ${fix}`);
  }
}

/** Several checks, of which each may refuse: all of them are made, so that one run tells everything. */
export class Checks {
  readonly #refusals: Refusal[] = [];

  /** @returns what the check found, or undefined when it refused */
  run<T>(check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.add(error);
      return undefined;
    }
  }

  add(refusal: Refusal): void {
    this.#refusals.push(refusal);
  }

  /** @throws AggregateError of every refusal, when there is one */
  finish(): void {
    if (this.#refusals.length > 0) throw new AggregateError(this.#refusals);
  }
}

/** The refusals in what a step threw; none when it is a fault of this program. */
export function refusalsIn(error: unknown): readonly Refusal[] {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.filter((one) => one instanceof Refusal);
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
