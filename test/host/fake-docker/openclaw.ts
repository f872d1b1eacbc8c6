import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isOurs } from "./ours";

/** The OpenClaw commands that the host program uses; see README.md. */

type Config = { [key: string]: unknown };

const args = process.argv.slice(2);
const file = process.env.OPENCLAW_CONFIG_PATH ?? "";
const behaviour = JSON.parse(readFileSync(join(__dirname, "..", "..", "behaviour.json"), "utf8")) as {
  turn: "ok" | "fail" | "down";
  revokedKey: string;
  config: "ok" | "refuse" | "warn";
  onlyNew: boolean;
};

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const merged: Config =
    typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

function read(): Config {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Config) : {};
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function patch(): void {
  const patched = merge(read(), JSON.parse(readFileSync(0, "utf8"))) as Config;
  if (behaviour.config === "refuse" || "bogus" in patched) {
    print({ ok: false, errors: [{ kind: "schema", message: "Unrecognized key" }] });
    process.exitCode = 1;
    return;
  }
  if (args.includes("--dry-run")) {
    print({ ok: true, operations: 1 });
    return;
  }
  if (existsSync(file)) renameSync(file, `${file}.bak`);
  patched.meta = { lastTouchedVersion: "2026.9.6" };
  writeFileSync(file, `${JSON.stringify(patched, null, 2)}\n`, { mode: 0o600 });
}

/** A variable that is missing is a warning, as with OpenClaw; `warn` adds one of its own. */
function validate(): void {
  const text = JSON.stringify(read());
  const missing = [...text.matchAll(/\$\{([A-Z0-9_]+)\}/g)].filter(([, name]) => !process.env[name ?? ""]);
  const own = behaviour.config === "warn" && text.includes("AI_GATEWAY") ? ["deprecated"] : [];
  print({ valid: true, warnings: [...own, ...missing.map(([, name]) => `Missing env var "${name}"`)] });
}

/** What fails in a real turn is told in a text that quotes the key; it must not come out of the program. */
function infer(): void {
  const model = args[args.indexOf("--model") + 1];
  const isNew = isOurs(process.env);
  appendFileSync(join(__dirname, "..", "..", "turns.log"), `${model} ${isNew ? "new" : "own"}\n`);
  const refused = !isNew && Object.values(process.env).includes(behaviour.revokedKey);
  const fails = behaviour.turn !== "ok" && (isNew || !behaviour.onlyNew);
  if (refused || fails) {
    const status = behaviour.turn === "down" ? 503 : 401;
    print({ ok: false });
    const { AI_GATEWAY_AUTH_TOKEN: host, CLOUDFLARE_AIG_TOKEN: run, OPENAI_API_KEY: own } = process.env;
    process.stderr.write(`${status} bad key ${host ?? run ?? behaviour.revokedKey} ${own}\n`);
    process.exitCode = 1;
    return;
  }
  print({ ok: true, outputs: [{ text: "ok" }] });
}

switch (args.slice(0, 2).join(" ")) {
  case "config patch":
    patch();
    break;
  case "config validate":
    validate();
    break;
  case "models status":
    writeFileSync(join(__dirname, "..", "..", "observed"), readFileSync(file, "utf8"));
    print({});
    break;
  case "infer model":
    infer();
    break;
  default:
    process.stderr.write(`fake openclaw: not emulated: ${args.join(" ")}\n`);
    process.exitCode = 64;
}
