import {
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUT_MS,
  type JsonValue,
  type RateElement,
  type RouteElement,
} from "./elements";
import { type Branch, distinctShares } from "./shares";

/**
 * A dynamic route written as an expression: every step names the steps that follow it. A step that is used twice is
 * one element of the graph. `buildRoute` turns the first step into the elements that the gateway takes.
 *
 * @example
 * const small = model({ provider: "workers-ai", model: "@cf/meta/llama-3.1-8b-instruct" });
 * const big = model({ provider: "workers-ai", model: "@cf/zai-org/glm-4.7-flash", fallback: small });
 * const elements = buildRoute(when({ "metadata.host": { $eq: "vps1" } }, { matched: big, otherwise: small }));
 */
export type RouteStep = ModelStep | RateStep | ConditionalStep | PercentageStep | EndStep;

interface Named {
  /** Id of the element. @default type and running number, e.g. `model-1` */
  readonly id?: string;
}

export interface ModelStep extends Named {
  readonly type: "model";
  readonly provider: string;
  readonly model: string;
  readonly timeout: number;
  readonly retries: number;
  readonly success: RouteStep;
  readonly fallback: RouteStep;
}

export interface RateStep extends Named {
  readonly type: "rate";
  readonly properties: RateElement["properties"];
  readonly within: RouteStep;
  readonly beyond: RouteStep;
}

export interface ConditionalStep extends Named {
  readonly type: "conditional";
  readonly conditions: Record<string, JsonValue>;
  readonly matched: RouteStep;
  readonly otherwise: RouteStep;
}

export interface PercentageStep extends Named {
  readonly type: "percentage";
  readonly branches: readonly Branch<RouteStep>[];
}

export interface EndStep extends Named {
  readonly type: "end";
}

/** Where a request's way ends; one element, however often it is used. */
export const END: EndStep = { type: "end", id: "end" };

export interface ModelOptions extends Named {
  /** AI Gateway's provider slug. */
  readonly provider: string;
  readonly model: string;
  /** Milliseconds until the first bytes. @default 60000 */
  readonly timeout?: number | undefined;
  /** @default 1 */
  readonly retries?: number | undefined;
  /** Taken when the model has failed. @default the end, so that the caller sees the failure */
  readonly fallback?: RouteStep;
}

/** Calls a model; its answer ends the route. */
export function model({ provider, model, timeout, retries, fallback, id }: ModelOptions): ModelStep {
  return {
    type: "model",
    ...named(id),
    provider,
    model,
    timeout: timeout ?? DEFAULT_TIMEOUT_MS,
    retries: retries ?? DEFAULT_RETRIES,
    success: END,
    fallback: fallback ?? END,
  };
}

/** Goes on with `within` until the limit is used up, then with `beyond` until the window is over. */
export function rate(
  properties: RateElement["properties"],
  { within, beyond, id }: { within: RouteStep; beyond: RouteStep } & Named,
): RateStep {
  return { type: "rate", ...named(id), properties, within, beyond };
}

/** Branches on metadata of the request. */
export function when(
  conditions: Record<string, JsonValue>,
  { matched, otherwise, id }: { matched: RouteStep; otherwise: RouteStep } & Named,
): ConditionalStep {
  return { type: "conditional", ...named(id), conditions, matched, otherwise };
}

/**
 * Branches by share of the requests, in whole percent.
 *
 * @throws Error when the shares cannot be told apart within the branches that a node may have
 */
export function split(branches: readonly Branch<RouteStep>[], { id }: Named = {}): PercentageStep {
  return { type: "percentage", ...named(id), branches: distinctShares(branches) };
}

/** The elements of the route that begins with this step, in the order in which they are first met. */
export function buildRoute(first: RouteStep): RouteElement[] {
  const steps = stepsFrom(first);
  const ids = idsOf(steps);
  const to = (step: RouteStep) => ({ elementId: ids.get(step) ?? step.type });
  return [
    { id: "start", type: "start", outputs: { next: to(first) } },
    ...steps.map((step) => elementOf(step, to)),
  ];
}

/** This step and all that follow, each once. */
function stepsFrom(step: RouteStep, seen = new Set<RouteStep>()): RouteStep[] {
  if (!seen.has(step)) {
    seen.add(step);
    for (const next of followers(step)) stepsFrom(next, seen);
  }
  return [...seen];
}

function followers(step: RouteStep): RouteStep[] {
  switch (step.type) {
    case "model":
      return [step.success, step.fallback];
    case "rate":
      return [step.within, step.beyond];
    case "conditional":
      return [step.matched, step.otherwise];
    case "percentage":
      return step.branches.map(({ to }) => to);
    case "end":
      return [];
  }
}

function idsOf(steps: readonly RouteStep[]): Map<RouteStep, string> {
  const counts = new Map<string, number>();
  return new Map(
    steps.map((step) => {
      const count = (counts.get(step.type) ?? 0) + 1;
      counts.set(step.type, count);
      return [step, step.id ?? `${step.type}-${count}`];
    }),
  );
}

function elementOf(step: RouteStep, to: (step: RouteStep) => { elementId: string }): RouteElement {
  const id = to(step).elementId;
  switch (step.type) {
    case "model": {
      const { provider, model, timeout, retries } = step;
      const outputs = { success: to(step.success), fallback: to(step.fallback) };
      return { id, type: "model", properties: { provider, model, timeout, retries }, outputs };
    }
    case "rate": {
      const outputs = { success: to(step.within), fallback: to(step.beyond) };
      return { id, type: "rate", properties: step.properties, outputs };
    }
    case "conditional": {
      const outputs = { true: to(step.matched), false: to(step.otherwise) };
      return { id, type: "conditional", properties: { conditions: step.conditions }, outputs };
    }
    case "percentage": {
      const outputs = step.branches.map((branch) => [`${branch.percent}%`, to(branch.to)]);
      return { id, type: "percentage", outputs: Object.fromEntries(outputs) };
    }
    case "end":
      return { id, type: "end", outputs: {} };
  }
}

function named(id: string | undefined): Named {
  return id === undefined ? {} : { id };
}
