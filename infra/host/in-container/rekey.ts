import { type AuthProfile, databaseProfiles, replaceKeys } from "./auth-store";
import { answer, type Fields } from "./channel";
import { type Assignment, assignments } from "./env-file";
import { literalKeys } from "./key-search";
import { parseConfig, stateDirectory } from "./openclaw";

/** A key that the stack has now, and how the keys of its provider are recognised. */
interface StackKey {
  readonly key: string;
  readonly pattern: RegExp | undefined;
  readonly names: readonly string[];
  /** OpenClaw's own id of the provider. */
  readonly id: string;
}

/**
 * The operator's files with the stack's keys in place of his own of the same provider, and the auth profiles that
 * {@link rekeyProfiles} will change. Nothing else is touched, and no key is added. An OAuth token is no API key, and
 * stays; so does a key under the name of a provider that the stack does not have, whatever it looks like.
 */
export function rekey(fields: Fields): void {
  const keys = stackKeys(fields.text("restore-keys"));
  const otherNames = fields.words("other-names");
  const env = fields.text("env");
  const rekeyedEnv = env.split("\n").map((line) => rekeyLine(line, keys, otherNames));
  answer("env", rekeyedEnv.join("\n"));
  answer("env_rekeyed", rekeyedEnv.join("\n") === env ? "no" : "yes");

  const config = fields.text("config");
  const rekeyedConfig = rekeyConfig(config, fields.text("entry"), keys, otherNames);
  answer("config", rekeyedConfig);
  answer("config_rekeyed", rekeyedConfig === config ? "no" : "yes");

  const profiles = databaseProfiles(stateDirectory(process.env)).filter(
    (profile) => keyForProfile(profile, keys) !== undefined,
  );
  answer("profiles_rekeyed", profiles.length === 0 ? "no" : "yes");

  const before = env.split("\n");
  const changed = rekeyedEnv.flatMap((line, index) => (line === before[index] ? [] : assignments(line)));
  for (const { name } of changed) answer("rekeyed", name);
  if (rekeyedConfig !== config) answer("rekeyed", "openclaw.json");
  for (const id of new Set(profiles.map((profile) => profile.id))) answer("rekeyed", `auth profile ${id}`);
}

/** The same in what OpenClaw has stored itself, where it is changed in place: while OpenClaw is stopped. */
export function rekeyProfiles(fields: Fields): void {
  const keys = stackKeys(fields.text("restore-keys"));
  replaceKeys(stateDirectory(process.env), (profile) => keyForProfile(profile, keys));
}

/** By what the profile says whose key it is, and by the key's shape, so that nothing odd is overwritten. */
function keyForProfile({ provider, credential }: AuthProfile, keys: readonly StackKey[]): string | undefined {
  if (credential.kind !== "key") return undefined;
  const { value } = credential;
  const own = keys.find(
    ({ id, pattern }) => id === provider.toLowerCase() && (pattern === undefined || pattern.test(value)),
  );
  return own?.key === value ? undefined : own?.key;
}

function stackKeys(text: string): StackKey[] {
  return text.split("\n").flatMap((line) => {
    const [key = "", pattern = "", names = "", id = ""] = line.split("\t");
    if (key === "") return [];
    const shape = pattern === "" ? undefined : new RegExp(`^(?:${pattern})$`);
    return [{ key, pattern: shape, names: names.split(" "), id }];
  });
}

function rekeyLine(line: string, keys: readonly StackKey[], otherNames: readonly string[]): string {
  const [assignment] = assignments(line);
  const own = assignment && keyFor(assignment, keys);
  if (assignment === undefined || own === undefined || otherNames.includes(assignment.name)) return line;
  const { at, value } = assignment;
  return `${line.slice(0, at)}${own.key}${line.slice(at + value.length)}`;
}

/** By the key's shape; where its provider's keys have none, by the name. */
function keyFor({ name, value }: Assignment, keys: readonly StackKey[]): StackKey | undefined {
  if (value === "" || name.includes("OAUTH")) return undefined;
  return keys.find(({ pattern, names }) => (pattern ? pattern.test(value) : names.includes(name)));
}

/** Only the keys' own characters, so that comments and layout stay. */
function rekeyConfig(
  text: string,
  entry: string,
  keys: readonly StackKey[],
  otherNames: readonly string[],
): string {
  if (text === "") return text;
  const shapes = {
    names: keys.flatMap(({ names }) => names),
    otherNames,
    patterns: keys.flatMap(({ pattern }) => (pattern ? [pattern] : [])),
  };
  return literalKeys(parseConfig(text, entry), shapes).reduce((changed, { path, value }) => {
    const own = keyFor({ name: path.at(-1) ?? "", value }, keys);
    return own === undefined ? changed : changed.replaceAll(value, own.key);
  }, text);
}
