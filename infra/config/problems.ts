import { RunError } from "@pulumi/pulumi";
import { fieldAt } from "./fields";

type Path = readonly (string | number)[];

/** One thing in the configuration that cannot be used as it is. */
export interface ConfigProblem {
  /** Where, from the configuration key down: `["hosts", 0, "port"]`. */
  readonly path: Path;
  /** What was found there. */
  readonly found: unknown;
  /** What is wrong, when "that is not allowed" does not say it. */
  readonly reason?: string;
  /** What to do, when setting that key is not the answer. */
  readonly fix?: string;
}

/** Thrown once, with everything that is wrong with a stack's configuration. Shown by Pulumi without a stack trace. */
export class ConfigError extends RunError {
  readonly problems: readonly ConfigProblem[];

  constructor(stack: string, problems: readonly ConfigProblem[]) {
    super(describe(stack, problems));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function describe(stack: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const entries = problems.map((problem, index) => `  ${index + 1}. ${describeProblem(problem)}`);
  return [`The configuration of stack '${stack}' has ${count}:`, ...entries].join("\n");
}

function describeProblem({ path, found, reason, fix }: ConfigProblem): string {
  const field = fieldAt(path);
  const lines = [
    `${formatPath(path)}: ${formatFound(path, found)}${reason === undefined ? "" : ` (${reason})`}`,
  ];
  if (field !== undefined && fix === undefined) lines.push(`allowed: ${field.allowed}`);
  lines.push(`fix: ${fix ?? setCommand(path)}`);
  return lines.join("\n     ");
}

/** The path as `pulumi config set --path` takes it: `hosts[0].port`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** The command that sets this key. A secret is asked for by the CLI, so that it appears in no shell history. */
export function setCommand(path: Path): string {
  const field = fieldAt(path);
  if (field?.set !== undefined) return setCommand([...path, ...partsOf(field.set)]);
  const target = targetOf(path);
  if (!field?.secret) return `pulumi config set ${target} ${field?.example ?? "<value>"}`;
  const source = path.at(-1) === "privateKey" ? " < <key file>" : "";
  return `pulumi config set --secret ${target}${source}`;
}

/** `[0].name` as the path `[0, "name"]`. */
function partsOf(text: string): (string | number)[] {
  return text.split(".").map((part) => (/^\[\d+\]$/.test(part) ? Number(part.slice(1, -1)) : part));
}

function targetOf(path: Path): string {
  return path.length > 1 ? `--path '${formatPath(path)}'` : formatPath(path);
}

/** The command that takes this key away. */
export function removeCommand(path: Path): string {
  return `pulumi config rm ${targetOf(path)}`;
}

const LONGEST_SHOWN = 60;

function formatFound(path: Path, found: unknown): string {
  if (found === undefined || found === "") return "not set";
  if (Array.isArray(found)) return `found a list of ${found.length}`;
  if (found !== null && typeof found === "object") return "found an object";
  const text = String(found);
  if (isSecretPlace(path) || text.length > LONGEST_SHOWN) return `found [hidden, ${text.length} characters]`;
  return `found ${JSON.stringify(found)}`;
}

/** A secret may also stand one level too high (`providers.openai: sk-…`), so all of `providers` counts as one. */
function isSecretPlace(path: Path): boolean {
  return fieldAt(path)?.secret === true || path[0] === "providers" || path.at(-1) === "privateKey";
}
