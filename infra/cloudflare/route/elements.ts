import { z } from "zod";

/**
 * The graph of a dynamic route, as AI Gateway's API takes it under `elements`. Shapes are strict: the API drops some
 * misspelt properties without a word (`condition` for `conditions`, `interval` for `window`), so an unknown one is
 * refused here.
 * Source: https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/json-configuration/
 */

/** Waiting time for a model's first bytes, in milliseconds, when none is given. */
export const DEFAULT_TIMEOUT_MS = 60_000;
/** Further attempts of a model node before its `fallback` is taken, when no number is given. */
export const DEFAULT_RETRIES = 1;
/** AI Gateway's slug of Cloudflare's own models, which are paid by the account and need no stored provider key. */
export const WORKERS_AI = "workers-ai";
/** The branches a percentage node may have. */
export const MAX_BRANCHES = 5;

const elementId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "is not an element id: 1 to 64 letters, digits, '_' or '-'");
const edge = z.strictObject({ elementId });
const wholePercentage = z
  .string()
  .regex(/^([1-9]|[1-9][0-9]|100)%$/, "is not a whole percentage such as '10%'");

const start = z.strictObject({
  id: elementId,
  type: z.literal("start"),
  outputs: z.strictObject({ next: edge }),
});

const conditional = z.strictObject({
  id: elementId,
  type: z.literal("conditional"),
  /** Mongo-like condition on `metadata.*`, e.g. `{"metadata.plan": {"$eq": "paid"}}`. */
  properties: z.strictObject({
    conditions: z
      .record(z.string().min(1), z.json())
      .refine((conditions) => Object.keys(conditions).length > 0, "is empty: name at least one condition"),
  }),
  outputs: z.strictObject({ true: edge, false: edge }),
});

const percentage = z.strictObject({
  id: elementId,
  type: z.literal("percentage"),
  /** Branch by share of the requests: `{"10%": …, "90%": …}`. */
  outputs: z.record(wholePercentage, edge),
});

const rate = z.strictObject({
  id: elementId,
  type: z.literal("rate"),
  properties: z.strictObject({
    /** What is counted apart, e.g. `metadata.host`. */
    key: z.string().min(1),
    /** Requests, or US dollars when `limitType` is `cost`, within one window. */
    limit: z.number().positive(),
    limitType: z.enum(["count", "cost"]),
    /** Length of the window in seconds. */
    window: z.int().positive(),
  }),
  outputs: z.strictObject({ success: edge, fallback: edge }),
});

const model = z.strictObject({
  id: elementId,
  type: z.literal("model"),
  properties: z.strictObject({
    /** AI Gateway's provider slug. */
    provider: z.string().min(1),
    /** The provider's own name of the model. */
    model: z.string().min(1),
    /** Milliseconds until the first bytes. */
    timeout: z.int().positive().default(DEFAULT_TIMEOUT_MS),
    retries: z.int().min(0).max(5).default(DEFAULT_RETRIES),
  }),
  outputs: z.strictObject({ success: edge, fallback: edge }),
});

const end = z.strictObject({
  id: elementId,
  type: z.literal("end"),
  // The API refuses an `end` without `outputs` (7001 Required).
  outputs: z.strictObject({}).default({}),
});

/** Every kind of element, told apart by `type`. */
export const routeElement = z.discriminatedUnion("type", [start, conditional, percentage, rate, model, end]);

export type StartElement = z.output<typeof start>;
export type ConditionalElement = z.output<typeof conditional>;
export type PercentageElement = z.output<typeof percentage>;
export type RateElement = z.output<typeof rate>;
export type ModelElement = z.output<typeof model>;
export type EndElement = z.output<typeof end>;
/** One node of a dynamic route's graph. */
export type RouteElement = z.output<typeof routeElement>;
/** An element as it may be written down: what has a default can be left out. */
export type RouteElementInput = z.input<typeof routeElement>;
/** Any JSON value, as a condition may hold. */
export type JsonValue = z.output<ReturnType<typeof z.json>>;

/** The edges that leave an element: name of the output and the element it leads to. */
export function edgesOf(element: RouteElement): [output: string, elementId: string][] {
  return Object.entries<{ elementId: string }>(element.outputs).map(([output, to]) => [output, to.elementId]);
}

/** Whether a request can end up at a model of Workers AI. */
export function usesWorkersAi(elements: readonly RouteElement[]): boolean {
  return elements.some((element) => element.type === "model" && element.properties.provider === WORKERS_AI);
}
