import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Refusal } from "./channel";
import { isObject, type Json, type JsonObject } from "./json";

/** Where OpenClaw looks for its configuration, by its own order of environment variables. */
export function configPath(env: NodeJS.ProcessEnv): string {
  if (env.OPENCLAW_CONFIG_PATH) return resolve(env.OPENCLAW_CONFIG_PATH);
  return resolve(stateDirectory(env), "openclaw.json");
}

export function stateDirectory(env: NodeJS.ProcessEnv): string {
  return resolve(env.OPENCLAW_STATE_DIR ?? `${env.OPENCLAW_HOME ?? env.HOME ?? "/home/node"}/.openclaw`);
}

/** Reads `openclaw.json`, which may be JSON5: then with the parser that OpenClaw itself uses. */
export function parseConfig(text: string, entry: string): JsonObject {
  const value = text.trim() === "" ? {} : (strictJson(text) ?? json5(text, entry));
  if (!isObject(value)) throw unreadable("does not hold an object");
  return value;
}

/** How many comments a JSON5 text has. What looks like one inside a string is none. */
export function commentsIn(text: string): number {
  const tokens = text.match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/.*|\/\*[\s\S]*?\*\//g) ?? [];
  return tokens.filter((token) => token.startsWith("/")).length;
}

function strictJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function json5(text: string, entry: string): Json {
  let parser: { parse(text: string): Json };
  try {
    parser = createRequire(resolve(entry))("json5") as typeof parser;
  } catch {
    throw unreadable("is not strict JSON, and the image has no json5 parser");
  }
  try {
    return parser.parse(text);
  } catch {
    throw unreadable("is neither JSON nor JSON5");
  }
}

function unreadable(why: string): Refusal {
  return new Refusal(
    "config_unreadable",
    `openclaw.json ${why}`,
    "a configuration that OpenClaw accepts",
    "openclaw config validate says where; openclaw doctor --fix rewrites it",
  );
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs OpenClaw's own command line. */
export function openclaw(
  entry: string,
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; seconds: number },
): Finished {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [entry, ...args], {
    input: options.input ?? "",
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    encoding: "utf8",
    timeout: options.seconds * 1000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return {
    code: error ? null : status,
    stdout: stdout ?? "",
    stderr: error ? error.message : (stderr ?? ""),
  };
}

/** The JSON document in an output that may have log lines around it. */
export function jsonIn(output: string): Json | undefined {
  const start = output.indexOf("{");
  const end = output.lastIndexOf("}");
  return start < 0 || end < start ? undefined : strictJson(output.slice(start, end + 1));
}

/** The last lines of an output, for a message. */
export function lastLines(finished: Finished): string {
  const lines = `${finished.stdout}\n${finished.stderr}`.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).slice(-3).join(" | ").slice(-600);
}
