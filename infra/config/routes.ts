import { z } from "zod";
import {
  fallbackRoute,
  limitRoute,
  type ModelRef,
  matchRoute,
  oneModelRoute,
  parseRoute,
  type RouteElement,
  type RouteRules,
  readModelRef,
  splitRoute,
} from "../cloudflare/route";
import { setCommand } from "./problems";
import type { ConfiguredProvider } from "./providers";
import { type Reader, valueAt } from "./reader";
import type { WorkerInput } from "./schema";

/** A dynamic route as it was configured. */
export interface ConfiguredRoute {
  /** What the configuration calls it; the route may have another name at the gateway, and change it. */
  readonly key: string;
  /** Callers ask for the model `dynamic/<name>`. */
  readonly name: string;
  /** Whether a route of that name that is there already may be taken over. */
  readonly adopt: boolean;
  /** The version that is to serve, whatever the graph is. */
  readonly version?: string;
  readonly elements: readonly RouteElement[];
}

/**
 * Cloudflare's own model that serves the default route: no provider key is needed for it, and no Workers Paid plan, as
 * Kimi does (cloudflare-docs pull request 32338).
 */
export const DEFAULT_MODEL = "@cf/zai-org/glm-4.7-flash";
/** The route that OpenClaw is pointed at, when there is one of this key. */
const DEFAULT_ROUTE = "main";

const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const modelName = z.string().refine((text) => readModelRef(text) !== undefined, "names no provider");
const modelRef = z.union([
  modelName,
  z.strictObject({
    model: modelName,
    timeout: z.int().positive().optional(),
    retries: z.int().min(0).max(5).optional(),
  }),
]);
const models = z.union([modelRef, z.array(modelRef).min(1)]);
const metadataName = z.string().regex(/^[A-Za-z][\w-]{0,39}$/);

const split = z
  .array(z.strictObject({ percent: z.int().min(1).max(99), model: models }))
  .min(2)
  .refine(
    (branches) => branches.reduce((sum, { percent }) => sum + percent, 0) === 100,
    "the shares are not 100 in total",
  );
const limit = z
  .strictObject({
    per: metadataName,
    requests: z.int().positive().optional(),
    dollars: z.number().positive().optional(),
    window: z.int().positive(),
    model: models,
    beyond: models,
  })
  .refine(
    ({ requests, dollars }) => (requests === undefined) !== (dollars === undefined),
    "needs either requests or dollars",
  );
const match = z.strictObject({
  metadata: metadataName,
  cases: z.record(z.string().min(1), models).refine((cases) => Object.keys(cases).length > 0, "is empty"),
  otherwise: models,
});

/** The ways to say what a route does. */
const FORMS = ["model", "fallback", "split", "limit", "match", "graph"] as const;

export const route = z
  .strictObject({
    name: name.optional(),
    model: modelRef.optional(),
    fallback: z.array(modelRef).min(1).optional(),
    split: split.optional(),
    limit: limit.optional(),
    match: match.optional(),
    /** Read by the route's own validator, which knows what a graph is. */
    graph: z.unknown().optional(),
    version: name.optional(),
    adopt: z.boolean().default(false),
    allowPercentage: z.boolean().default(false),
  })
  .refine(
    (entry) => FORMS.filter((form) => entry[form] !== undefined).length <= 1,
    `has more than one of ${FORMS.join(", ")}`,
  );

type RouteInput = z.output<typeof route>;

/** What the routes are checked against. */
export interface RouteSurroundings {
  readonly providers: readonly ConfiguredProvider[];
  /** Entries that the Worker adds beside the host's name; undefined where there is no Worker. */
  readonly metadata: NonNullable<WorkerInput["metadata"]> | undefined;
}

/** The routes, the default one first, the others by key. Undefined when something is wrong with any of them. */
export function readRoutes(reader: Reader, surroundings: RouteSurroundings): ConfiguredRoute[] | undefined {
  const entries = reader.read("routes", z.record(name, z.unknown()));
  if (entries === undefined) return undefined;
  const given = Object.keys(entries).length === 0 ? { [DEFAULT_ROUTE]: {} } : entries;
  const keys = Object.keys(given).sort(byDefaultFirst);
  const routes = keys.flatMap((key, index) => {
    // `main:` with nothing behind it is null.
    const entry = reader.check(["routes", key], route, given[key] ?? {});
    if (entry === undefined) return [];
    const isDefault = index === 0;
    const elements = readGraph(reader, key, entry, rulesFor(key, entry, isDefault, surroundings));
    return elements === undefined ? [] : [configured(key, entry, elements)];
  });
  refuseTwins(reader, routes);
  return routes.length === keys.length ? routes : undefined;
}

function byDefaultFirst(a: string, b: string): number {
  if (a === DEFAULT_ROUTE || b === DEFAULT_ROUTE) return a === DEFAULT_ROUTE ? -1 : 1;
  return a < b ? -1 : 1;
}

function configured(key: string, entry: RouteInput, elements: readonly RouteElement[]): ConfiguredRoute {
  const { name: given, version, adopt } = entry;
  return { key, name: given ?? key, adopt, ...(version === undefined ? {} : { version }), elements };
}

/** The graph that the entry describes, checked; what is wrong with it leads to where it was written. */
function readGraph(
  reader: Reader,
  key: string,
  entry: RouteInput,
  rules: RouteRules,
): readonly RouteElement[] | undefined {
  const path = ["routes", key];
  const form = FORMS.find((candidate) => entry[candidate] !== undefined);
  let graph: unknown;
  try {
    graph = graphOf(entry);
  } catch (error) {
    reader.add(
      [...path, form ?? ""],
      entry[form ?? "model"],
      error instanceof Error ? error.message : String(error),
    );
    return undefined;
  }
  const parsed = parseRoute(graph, rules);
  const edit = `edit ${[...path, form].join(".")} in the stack's configuration file`;
  for (const { path: inner, problem, fix = edit } of parsed.problems ?? []) {
    // Only a graph was written element by element; a preset's elements are its own.
    if (form === "graph") reader.add([...path, form, ...inner], valueAt(graph, inner), problem, fix);
    else reader.add([...path, ...(form ? [form] : [])], form && entry[form], problem, fix);
  }
  return parsed.elements;
}

function graphOf({
  model,
  fallback,
  split: branches,
  limit: limited,
  match: matched,
  graph,
}: RouteInput): unknown {
  if (graph !== undefined) return graph;
  if (fallback) return fallbackRoute(fallback);
  if (branches) return splitRoute(branches);
  if (limited) return limitRoute(limited);
  if (matched) return matchRoute(matched);
  return oneModelRoute((model as ModelRef | undefined) ?? DEFAULT_MODEL);
}

function rulesFor(
  key: string,
  entry: RouteInput,
  isDefault: boolean,
  { providers, metadata }: RouteSurroundings,
): RouteRules {
  const paid = providers.filter(({ servesRoutes }) => servesRoutes).map(({ provider }) => provider.slug);
  return {
    servable: new Set(paid),
    storeKey: (slug) => storeKeyCommand(slug, providers),
    allowPercentage: entry.allowPercentage || !isDefault,
    allowPercentageFix: setCommand(["routes", key, "allowPercentage"]),
    metadata: new Set(["host", ...Object.keys(metadata ?? {})]),
    addMetadata: (entryName) =>
      metadata === undefined
        ? "use host, the one entry that hosts send with access: direct"
        : setCommand(["worker", "metadata", entryName]),
  };
}

function storeKeyCommand(slug: string, providers: readonly ConfiguredProvider[]): string {
  const store = setCommand(["providers", slug, "keyStore"]);
  const isConfigured = providers.some(({ provider }) => provider.slug === slug);
  return isConfigured ? store : `${setCommand(["providers", slug, "apiKey"])}; ${store}`;
}

/** Names are unique within a gateway. */
function refuseTwins(reader: Reader, routes: readonly ConfiguredRoute[]): void {
  routes.forEach(({ key, name: own }, index) => {
    const first = routes.findIndex((other) => other.name === own);
    if (first === index) return;
    reader.add(["routes", key, "name"], own, `also the name of routes.${routes[first]?.key}`);
  });
}
