import { dirname, join } from "node:path";
import { answer, Checks, type Fields, Refusal, readText } from "./channel";
import { type Compose, hostPath, usesOfKeys } from "./compose";
import { keysInEnv } from "./env-keys";
import {
  besideVariable,
  type KeyPlace,
  ownProviders,
  placesInCompose,
  placesInCopies,
  placesInState,
  siblings,
} from "./inventory";
import { grepPattern, type KeyShapes, literalKeys } from "./key-search";
import { keyShapes } from "./look";
import { configPath, parseConfig, stateDirectory } from "./openclaw";

/**
 * Every place where a provider key is after an apply, which leaves none that is not allowed. Answers the shape of keys
 * as one regular expression, for files that the container does not see, and the files that are accounted for here.
 */
export function keys(fields: Fields): void {
  const shapes = keyShapes(fields);
  const compose = JSON.parse(fields.text("compose")) as Compose;
  const [service, entry] = [fields.text("service"), fields.text("entry")];
  const path = configPath(process.env);
  const state = stateDirectory(process.env);
  const allow = fields.json<string[]>("allow-keys", []);
  const env = keysInEnv(fields.text("env"), shapes);
  const copies = siblings(path, shapes).filter((line) => line.endsWith(" keys"));
  const inState = placesInState(state, shapes, ownProviders(fields), { service, entry });
  const places: KeyPlace[] = [
    ...env.names.map(variableOfEnv),
    ...env.comments.map(commentOfEnv),
    ...env.beside.map(besideVariable),
    ...placesInConfig(path, entry, shapes),
    ...copies.map((line) => fileBeside(path, line.replace(/ keys$/, ""))),
    ...placesInCopies(path, shapes),
    ...placesInCompose(usesOfKeys(compose, shapes, new Set(env.values))),
    ...inState,
  ];

  answer("pattern", grepPattern(fields.json<string[]>("patterns", [])));
  for (const file of [path, ...places.map(({ place }) => place)]) {
    const told = file.startsWith("/") ? hostPath(compose, service, file) : undefined;
    if (told !== undefined) answer("told", told);
  }
  for (const place of allow) answer("allow", place);
  const checks = new Checks();
  for (const place of places.filter(({ place }) => !allow.includes(place))) checks.add(onHost(place));
  checks.finish();
}

function variableOfEnv(name: string): KeyPlace {
  return {
    place: `.env:${name}`,
    found: `.env holds a provider key in ${name}`,
    fix: "pulumi up, which seals it",
  };
}

function commentOfEnv(line: number): KeyPlace {
  return {
    place: `.env:${line}`,
    found: `.env holds a provider key in the comment on line ${line}`,
    fix: "pulumi up, which seals it",
  };
}

function placesInConfig(path: string, entry: string, shapes: KeyShapes): KeyPlace[] {
  return literalKeys(parseConfig(readText(path) ?? "", entry), shapes).map((literal) => ({
    place: `openclaw.json:${literal.path.join(".")}`,
    found: `openclaw.json holds a provider key at ${literal.path.join(".")}`,
    fix: "pulumi up, which seals it",
  }));
}

/** A copy that OpenClaw made of its configuration. */
function fileBeside(path: string, name: string): KeyPlace {
  const file = join(dirname(path), name);
  return { place: file, found: `${file} (in the container) holds a provider key`, fix: "delete that copy" };
}

function onHost({ found, fix }: KeyPlace): Refusal {
  return new Refusal("key_on_host", found, "no provider key on this host", fix);
}
