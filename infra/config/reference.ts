import { z } from "zod";
import { FIELDS } from "./fields";
import { gateway } from "./gateway";
import { MEANINGS, type Meaning } from "./meanings";
import { furtherProvider, knownProvider } from "./providers";
import { route } from "./routes";
import { runToken } from "./run-token";
import * as schema from "./schema";

/** One configuration key, as the documents describe it. */
export interface ReferenceEntry {
  /** List positions are `[]`, names of the operator's choice `*`. */
  readonly path: string;
  readonly type: string;
  /** What holds where the key is left out; undefined where it may not be. */
  readonly unset: string | undefined;
  readonly allowed: string;
  readonly meaning: string;
  readonly secret: boolean;
  /** For `pulumi config set`. */
  readonly example: string | undefined;
}

/** The part of JSON Schema that zod writes for these schemas. */
interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const jsonSchema = (type: z.ZodType): JsonSchema => z.toJSONSchema(type, { io: "input" }) as JsonSchema;

const keyed = (entry: JsonSchema): JsonSchema => ({
  type: "object",
  default: {},
  additionalProperties: entry,
});

/** The keys of the first level. */
const ROOT: Readonly<Record<string, JsonSchema>> = {
  access: jsonSchema(schema.access),
  accountId: jsonSchema(schema.accountId),
  "cloudflare:apiToken": jsonSchema(schema.apiToken),
  "cloudflare:baseUrl": { ...jsonSchema(schema.baseUrl), default: "https://api.cloudflare.com/client/v4" },
  gateway: jsonSchema(gateway.prefault({})),
  runToken: jsonSchema(runToken.prefault({})),
  worker: jsonSchema(schema.worker.prefault({})),
  providers: keyed(anyProvider()),
  preflight: jsonSchema(schema.preflight.prefault({})),
  restore: jsonSchema(schema.restore.prefault({})),
  routes: keyed(jsonSchema(route)),
  openclaw: jsonSchema(schema.openclaw.prefault({})),
  hosts: jsonSchema(schema.hosts.prefault([])),
};

/** What may be set for one provider or another. */
function anyProvider(): JsonSchema {
  const [known, further] = [jsonSchema(knownProvider), jsonSchema(furtherProvider)];
  return { type: "object", properties: { ...known.properties, ...further.properties } };
}

/** Every key that the validation knows, in the order of its schemas. */
export function configurationReference(): ReferenceEntry[] {
  const required = new Set(["accountId"]);
  return Object.entries(ROOT).flatMap(([key, found]) => entriesOf(key, found, required.has(key)));
}

function entriesOf(path: string, found: JsonSchema, required: boolean): ReferenceEntry[] {
  return [entryOf(path, found, required), ...entriesBelow(path, found)];
}

function entriesBelow(path: string, found: JsonSchema): ReferenceEntry[] {
  if (found.items !== undefined) return entriesBelow(`${path}[]`, found.items);
  const { properties = {}, additionalProperties } = found;
  const below = Object.entries(properties).flatMap(([name, property]) =>
    entriesOf(`${path}.${name}`, property, found.required?.includes(name) ?? false),
  );
  // Names of the operator's choice, unless what stands behind them is said where they begin.
  if (typeof additionalProperties !== "object" || !Object.hasOwn(FIELDS, `${path}.*`)) return below;
  return [...below, ...entriesOf(`${path}.*`, additionalProperties, false)];
}

function entryOf(path: string, found: JsonSchema, required: boolean): ReferenceEntry {
  const field = FIELDS[path];
  const said = meaningOf(path);
  if (field === undefined) throw new Error(`fields.ts says nothing of '${path}'`);
  if (said === undefined) throw new Error(`meanings.ts says nothing of '${path}'`);
  return {
    path,
    type: typeOf(found),
    unset: required ? undefined : unsetOf(found, said),
    allowed: field.allowed,
    meaning: said.text,
    secret: field.secret === true,
    example: field.example,
  };
}

/** The key's own, or that of all keys beside it. */
function meaningOf(path: string): Meaning | undefined {
  return MEANINGS[path] ?? MEANINGS[path.replace(/[^.]+$/, "*")];
}

/** In the words of Pulumi's configuration types. */
function typeOf({ type, anyOf, items }: JsonSchema): string {
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(" or ");
  if (type === "array") return items === undefined ? "array" : `array of ${typeOf(items)}`;
  return type ?? "any";
}

function unsetOf({ type, default: preset }: JsonSchema, { unset }: Meaning): string {
  if (unset !== undefined) return unset;
  if (Array.isArray(preset))
    return preset
      .map((item) => `\`${item}\``)
      .join(", ")
      .replace(/^(``)?$/, "none");
  if (preset === undefined || typeof preset === "object") return type === "object" ? "as below" : "none";
  return `\`${preset}\``;
}
