import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, type Fields, Refusal } from "./channel";
import { difference, sameConfig } from "./delta";
import { isObject, type JsonObject } from "./json";
import { readDelta, wantedConfig } from "./look";
import { jsonIn, lastLines, openclaw, parseConfig } from "./openclaw";
import { planConfig } from "./planned-config";

/**
 * Makes the new `openclaw.json` with OpenClaw's own command line, on a scratch copy: the live file would be hot-reloaded
 * by the old container, which lacks the new variables, and would leave a `.bak` with the old keys.
 */
export function prepare(fields: Fields): void {
  const entry = fields.text("entry");
  const current = parseConfig(fields.text("current"), entry);
  // `look` has refused what cannot be done; the names taken from .env only matter to it.
  const plan = planConfig(current, readDelta(fields), wantedConfig(fields, new Set()));
  const scratch = new Scratch(entry, fields.seconds("seconds") || 120);
  try {
    scratch.write(`${JSON.stringify(plan.prepared, null, 2)}\n`);
    scratch.patch(plan.patch);
    scratch.validate(plan.prepared);
    const text = scratch.read();
    const made = parseConfig(text, entry);
    if (!sameConfig(made, plan.expected)) {
      throw new Refusal(
        "config_patch_differs",
        "OpenClaw's `config patch` changed other parts of openclaw.json than was asked for",
        "the change alone",
        "openclaw doctor --fix, which makes pending changes of its own first; then pulumi up",
      );
    }
    answer("config", text);
    answer("delta", JSON.stringify(difference(plan.base, made)));
    answer("undo", JSON.stringify(difference(current, made)));
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
      throw refused(`refuses the change of openclaw.json: ${lastLines(tried)}`);
    }
    const applied = this.#run(["config", "patch", "--stdin"], input);
    if (applied.code !== 0) throw refused(`cannot write the change: ${lastLines(applied)}`);
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
    if (added.length > 0) throw refused(`warns about the new openclaw.json: ${added.join(" | ")}`);
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
      throw refused(`does not accept the new openclaw.json: ${lastLines(finished)}`);
    }
    return verdict.warnings.map((warning) => JSON.stringify(warning));
  }

  #run(args: string[], input = "") {
    const env = { OPENCLAW_CONFIG_PATH: this.#file, OPENCLAW_STATE_DIR: this.#directory };
    return openclaw(this.#entry, args, { input, env, seconds: this.#seconds });
  }
}

function refused(why: string): Refusal {
  return new Refusal(
    "config_refused",
    `OpenClaw ${why}`,
    "no error and no new warning",
    "openclaw config validate; put right what it says about your own part of openclaw.json",
  );
}
