import { answer, type Fields } from "./channel";
import { type Assignment, assignments, literalKeys } from "./key-search";
import { parseConfig } from "./openclaw";

/** A key that the stack has now, and how the keys of its provider are recognised. */
interface StackKey {
  readonly key: string;
  readonly pattern: RegExp | undefined;
  readonly names: readonly string[];
}

/**
 * The operator's files with the stack's keys in place of his own of the same provider. Nothing else is touched, and no
 * key is added. An OAuth token is no API key, and stays.
 */
export function rekey(fields: Fields): void {
  const keys = stackKeys(fields.text("restore-keys"));
  const env = fields.text("env");
  const rekeyedEnv = env.split("\n").map((line) => rekeyLine(line, keys));
  answer("env", rekeyedEnv.join("\n"));
  answer("env_rekeyed", rekeyedEnv.join("\n") === env ? "no" : "yes");

  const config = fields.text("config");
  const rekeyedConfig = rekeyConfig(config, fields.text("entry"), keys);
  answer("config", rekeyedConfig);
  answer("config_rekeyed", rekeyedConfig === config ? "no" : "yes");

  const before = env.split("\n");
  const changed = rekeyedEnv.flatMap((line, index) => (line === before[index] ? [] : assignments(line)));
  for (const { name } of changed) answer("rekeyed", name);
  if (rekeyedConfig !== config) answer("rekeyed", "openclaw.json");
}

function stackKeys(text: string): StackKey[] {
  return text.split("\n").flatMap((line) => {
    const [key = "", pattern = "", names = ""] = line.split("\t");
    if (key === "") return [];
    return [
      { key, pattern: pattern === "" ? undefined : new RegExp(`^(?:${pattern})$`), names: names.split(" ") },
    ];
  });
}

function rekeyLine(line: string, keys: readonly StackKey[]): string {
  const [assignment] = assignments(line);
  const own = assignment && keyFor(assignment, keys);
  if (assignment === undefined || own === undefined) return line;
  const at = line.lastIndexOf(assignment.value);
  return `${line.slice(0, at)}${own.key}${line.slice(at + assignment.value.length)}`;
}

/** By the key's shape; where its provider's keys have none, by the name. */
function keyFor({ name, value }: Assignment, keys: readonly StackKey[]): StackKey | undefined {
  if (value === "" || name.includes("OAUTH")) return undefined;
  return keys.find(({ pattern, names }) => (pattern ? pattern.test(value) : names.includes(name)));
}

/** Only the keys' own characters, so that comments and layout stay. */
function rekeyConfig(text: string, entry: string, keys: readonly StackKey[]): string {
  if (text === "") return text;
  const shapes = {
    names: keys.flatMap(({ names }) => names),
    otherNames: [],
    patterns: keys.flatMap(({ pattern }) => (pattern ? [pattern] : [])),
  };
  return literalKeys(parseConfig(text, entry), shapes).reduce((changed, { path, value }) => {
    const own = keyFor({ name: path.at(-1) ?? "", value }, keys);
    return own === undefined ? changed : changed.replaceAll(value, own.key);
  }, text);
}
