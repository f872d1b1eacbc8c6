import { join } from "node:path";
import { type AuthProfile, authProfiles } from "./auth-store";
import { answer, type Fields, readText } from "./channel";
import type { Compose } from "./compose";
import { type Assignment, assignments } from "./env-file";
import { literalKeys } from "./key-search";
import { configPath, parseConfig, stateDirectory } from "./openclaw";

/** How the keys of a provider are recognised. */
interface Vendor {
  readonly slug: string;
  /** OpenClaw's own id of it. */
  readonly id: string;
  readonly names: readonly string[];
  /** Source of a regular expression; none where the keys have no shape of their own. */
  readonly pattern?: string;
}

interface FoundKey {
  readonly slug: string;
  readonly value: string;
  readonly place: string;
}

/**
 * Answers every provider key that is there in clear, with the place it is in: `.env`, another env file or a compose
 * file, OpenClaw's own `.env`, `openclaw.json`, a stored auth profile. A profile without a key in clear is named.
 */
export function findKeys(fields: Fields): void {
  const vendors = fields.json<Vendor[]>("vendors", []);
  const state = stateDirectory(process.env);
  const seen = new Set<string>();
  for (const found of [...keysInFiles(fields, vendors, state), ...keysInProfiles(vendors, state)]) {
    const known = `${found.slug} ${found.value}`;
    if (!seen.has(known)) answer("key", JSON.stringify(found));
    seen.add(known);
  }
}

function keysInFiles(fields: Fields, vendors: readonly Vendor[], state: string): FoundKey[] {
  const compose = JSON.parse(fields.text("compose")) as Compose;
  const service = fields.text("service");
  const environment = compose.services?.[service]?.environment ?? {};
  const otherNames = fields.words("other-names");
  const places: [string, Assignment[]][] = [
    [".env", assignments(fields.text("env"))],
    [
      `environment of ${service}`,
      Object.entries(environment).map(([name, value]) => ({ name, value: value ?? "" })),
    ],
    [join(state, ".env"), assignments(readText(join(state, ".env")) ?? "")],
    ["openclaw.json", literalsOf(fields.text("entry"), vendors, otherNames)],
  ];
  return places.flatMap(([place, entries]) =>
    entries.flatMap((entry) => {
      const slug = otherNames.includes(entry.name) ? undefined : slugOf(entry, vendors);
      return slug === undefined ? [] : [{ slug, value: entry.value, place: `${place} (${entry.name})` }];
    }),
  );
}

function literalsOf(entry: string, vendors: readonly Vendor[], otherNames: readonly string[]): Assignment[] {
  const config = parseConfig(readText(configPath(process.env)) ?? "", entry);
  const shapes = {
    names: vendors.flatMap(({ names }) => names),
    otherNames,
    patterns: vendors.flatMap(({ pattern }) => (pattern === undefined ? [] : [whole(pattern)])),
  };
  return literalKeys(config, shapes).map(({ path, value }) => ({
    name: path[0] === "env" ? (path.at(-1) ?? "") : path.join("."),
    value,
  }));
}

/** By the key's shape, which says more than a name; by the name where that vendor's keys have none. */
function slugOf({ name, value }: Assignment, vendors: readonly Vendor[]): string | undefined {
  if (value === "" || value.includes("${") || name.includes("OAUTH")) return undefined;
  const byShape = vendors.find(({ pattern }) => pattern !== undefined && whole(pattern).test(value));
  const byName = vendors.find(({ names }) => names.includes(name));
  return (byShape ?? byName)?.slug;
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** A profile says whose its key is. */
function keysInProfiles(vendors: readonly Vendor[], state: string): FoundKey[] {
  return authProfiles(state).flatMap((profile) => {
    const place = `auth profile ${profile.id} (${profile.file})`;
    const slug = vendors.find(({ id }) => id === profile.provider.toLowerCase())?.slug;
    if (slug === undefined) {
      answer(
        "note",
        `${place} is not read: ${profile.provider} is no provider that a stack can have by name`,
      );
      return [];
    }
    const value = keyIn(profile, state);
    if (value !== undefined) return [{ slug, value, place }];
    const setting = `npx pulumi config set --path --secret 'providers["${slug}"].apiKey'`;
    answer("note", `${place} is not read: it ${whyNot(profile)}. To set a key by hand: ${setting}`);
    return [];
  });
}

/** In clear, or in a variable that OpenClaw finds in its environment or in its own `.env`. */
function keyIn({ credential }: AuthProfile, state: string): string | undefined {
  if (credential.kind === "key") return credential.value;
  if (credential.kind !== "reference" || credential.source !== "env") return undefined;
  const { name } = credential;
  const own = assignments(readText(join(state, ".env")) ?? "").find((one) => one.name === name);
  return process.env[name] || own?.value || undefined;
}

function whyNot({ credential }: AuthProfile): string {
  switch (credential.kind) {
    case "login":
      return "is a log-in or a token of one, which is no API key and cannot be moved";
    case "reference":
      return credential.source === "env"
        ? `refers to ${credential.name}, which is not set`
        : `refers to a key that is kept elsewhere (${credential.source} ${credential.name})`;
    default:
      return "holds no API key that OpenClaw uses";
  }
}
