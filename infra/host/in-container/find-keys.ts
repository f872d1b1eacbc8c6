import { join } from "node:path";
import { authProfiles } from "./auth-store";
import { answer, type Fields, readText } from "./channel";
import type { Compose } from "./compose";
import { type Assignment, assignments, literalKeys } from "./key-search";
import { configPath, parseConfig, stateDirectory } from "./openclaw";

/** How the keys of a provider are recognised. */
interface Vendor {
  readonly slug: string;
  readonly names: readonly string[];
  /** Source of a regular expression; none where the keys have no shape of their own. */
  readonly pattern?: string;
}

/**
 * Answers every provider key that is there in clear, with the place it is in: `.env`, another env file or a compose
 * file, OpenClaw's own `.env`, `openclaw.json`. What OpenClaw has stored itself is only named.
 */
export function findKeys(fields: Fields): void {
  const vendors = fields.json<Vendor[]>("vendors", []);
  const compose = JSON.parse(fields.text("compose")) as Compose;
  const service = fields.text("service");
  const state = stateDirectory(process.env);
  const environment = compose.services?.[service]?.environment ?? {};
  const places: [string, Assignment[]][] = [
    [".env", assignments(fields.text("env"))],
    [
      `environment of ${service}`,
      Object.entries(environment).map(([name, value]) => ({ name, value: value ?? "" })),
    ],
    [join(state, ".env"), assignments(readText(join(state, ".env")) ?? "")],
    ["openclaw.json", literalsOf(fields, vendors)],
  ];
  const seen = new Set<string>();
  const otherNames = new Set(fields.words("other-names"));
  for (const [place, entries] of places) {
    for (const entry of entries) {
      const slug = otherNames.has(entry.name) ? undefined : slugOf(entry, vendors);
      if (slug === undefined || seen.has(`${slug} ${entry.value}`)) continue;
      seen.add(`${slug} ${entry.value}`);
      answer("key", JSON.stringify({ slug, value: entry.value, place: `${place} (${entry.name})` }));
    }
  }
  for (const { id, file } of authProfiles(state)) {
    answer("note", `OpenClaw has the auth profile ${id} stored in ${file}; it is not read`);
  }
}

function literalsOf(fields: Fields, vendors: readonly Vendor[]): Assignment[] {
  const config = parseConfig(readText(configPath(process.env)) ?? "", fields.text("entry"));
  const shapes = {
    names: vendors.flatMap(({ names }) => names),
    otherNames: [],
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
