import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, type Fields, Refusal } from "./channel";
import { difference, sameConfig } from "./delta";
import { isObject, type JsonObject } from "./json";
import { keyShapes, readDelta } from "./look";
import { jsonIn, lastLines, openclaw, parseConfig } from "./openclaw";
import { planConfig } from "./planned-config";

/**
 * Makes the new `openclaw.json` with OpenClaw's own command line, on a scratch copy: the live file would be hot-reloaded
 * by the old container, which lacks the new variables, and would leave a `.bak` with the old keys.
 */
export function prepare(fields: Fields): void {
  const entry = fields.text("entry");
  const current = parseConfig(fields.text("current"), entry);
  const patch = JSON.parse(fields.text("patch")) as JsonObject;
  const plan = planConfig(current, readDelta(fields), patch, keyShapes(fields));
  const scratch = new Scratch(entry, fields.seconds("seconds") || 120);
  try {
    scratch.write(`${JSON.stringify(plan.keyless, null, 2)}\n`);
    scratch.patch(plan.patch);
    scratch.validate(plan.keyless);
    const text = scratch.read();
    const made = parseConfig(text, entry);
    if (!sameConfig(made, plan.expected)) {
      throw new Refusal(
        "OpenClaw's `config patch` changed more of openclaw.json than was asked for; nothing was done",
      );
    }
    answer("config", text);
    answer("delta", JSON.stringify(difference(plan.base, made)));
  } finally {
    scratch.remove();
  }
}

/** A directory of its own as OpenClaw's state, so that neither file nor database of the live one is touched. */
class Scratch {
  readonly #directory = mkdtempSync(join(tmpdir(), "openclaw-scratch-"));
  readonly #file = join(this.#directory, "openclaw.json");
  readonly #entry: string;
  readonly #seconds: number;

  constructor(entry: string, seconds: number) {
    this.#entry = entry;
    this.#seconds = seconds;
  }

  write(text: string): void {
    writeFileSync(this.#file, text, { mode: 0o600 });
  }

  read(): string {
    return readFileSync(this.#file, "utf8");
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  patch(patch: JsonObject): void {
    const input = JSON.stringify(patch);
    const tried = this.#run(["config", "patch", "--stdin", "--dry-run", "--json"], input);
    const verdict = jsonIn(tried.stdout);
    if (tried.code !== 0 || !isObject(verdict) || verdict.ok !== true) {
      throw new Refusal(`OpenClaw refuses the change of openclaw.json: ${lastLines(tried)}`);
    }
    const applied = this.#run(["config", "patch", "--stdin"], input);
    if (applied.code !== 0) throw new Refusal(`OpenClaw's \`config patch\` failed: ${lastLines(applied)}`);
  }

  /** Warnings are errors, except those that the operator's own configuration gives already. */
  validate(own: JsonObject): void {
    const after = this.#warnings();
    if (after.length === 0) return;
    const made = this.read();
    this.write(JSON.stringify(own));
    const known = new Set(this.#warnings());
    this.write(made);
    const added = after.filter((warning) => !known.has(warning));
    if (added.length > 0)
      throw new Refusal(`OpenClaw warns about the new openclaw.json: ${added.join(" | ")}`);
  }

  #warnings(): string[] {
    const finished = this.#run(["config", "validate", "--json"]);
    const verdict = jsonIn(finished.stdout);
    if (
      finished.code !== 0 ||
      !isObject(verdict) ||
      verdict.valid !== true ||
      !Array.isArray(verdict.warnings)
    ) {
      throw new Refusal(`OpenClaw does not accept the new openclaw.json: ${lastLines(finished)}`);
    }
    return verdict.warnings.map((warning) => JSON.stringify(warning));
  }

  #run(args: string[], input = "") {
    const env = { OPENCLAW_CONFIG_PATH: this.#file, OPENCLAW_STATE_DIR: this.#directory };
    return openclaw(this.#entry, args, { input, env, seconds: this.#seconds });
  }
}
