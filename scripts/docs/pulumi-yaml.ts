import { stringify } from "yaml";
import { keysBelow } from "../../infra/config/fields";
import { configurationReference, type ReferenceEntry } from "../../infra/config/reference";

/**
 * `Pulumi.yaml` with its `config` block as the validation has it. Pulumi knows the types of the first level alone, so the
 * keys below are named in the descriptions.
 */
export function withConfigBlock(pulumiYaml: string): string {
  const block = stringify({ config: Object.fromEntries(ownKeys().map(schemaOf)) }, { lineWidth: 118 });
  const written = pulumiYaml.replace(BLOCK, (_, begin: string, end: string) => begin + block + end);
  if (!BLOCK.test(pulumiYaml)) throw new Error("Pulumi.yaml has no place for the config block");
  return written;
}

const BLOCK = /^(# Written by `npm run docs`[^\n]*\n(?:#[^\n]*\n)*)config:\n.*?(^template:\n)/ms;

/** Of other name spaces, such as `cloudflare:`, a project may not declare a type. */
function ownKeys(): ReferenceEntry[] {
  return configurationReference().filter(({ path }) => /^\w+$/.test(path));
}

/** Every key gets a default, so that a missing one is reported by the program, together with all other problems. */
function schemaOf({ path, type, unset, meaning, allowed }: ReferenceEntry): [string, object] {
  const kind = type.split(" ")[0] ?? type;
  const below = [[path], [path, 0], [path, "*"]].flatMap(keysBelow);
  const keys = below.length === 0 ? "" : ` Keys: ${below.join(", ")}. See docs/configuration.md.`;
  const required = unset === undefined ? `Required: ${allowed}. ` : "";
  const description = `${required}${withoutLinks(meaning)}${keys}`;
  if (kind === "array") return [path, { type: kind, items: { type: "object" }, default: [], description }];
  return [path, { type: kind, default: kind === "object" ? {} : defaultText(unset), description }];
}

function defaultText(unset = ""): string {
  return unset.replaceAll("`", "");
}

function withoutLinks(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
}
