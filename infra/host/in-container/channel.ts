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

  seconds(name: string): number {
    return Number(this.text(name)) || 0;
  }

  words(name: string): string[] {
    return this.text(name).split(/\s+/).filter(Boolean);
  }
}

/** Answers the shell program: `name base64`, so that any text arrives whole. */
export function answer(name: string, text: string): void {
  process.stdout.write(`${name} ${Buffer.from(text).toString("base64")}\n`);
}

/** Why the step cannot go on, in one line for the operator. Never holds a secret. */
export class Refusal extends Error {}

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
