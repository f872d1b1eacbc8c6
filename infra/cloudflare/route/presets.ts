import { buildRoute, END, model, type RouteStep, rate, split, when } from "./builder";
import { type RouteElement, WORKERS_AI } from "./elements";

/**
 * Routes that people want, each from as little as it needs. The plain form in `Pulumi.<stack>.yaml` is read into these
 * calls; a program calls them itself, or writes another graph with the builder.
 */

/**
 * A model: `<provider>/<model>` with the provider as AI Gateway spells it, or `@cf/…` for one of Workers AI. With
 * settings where the defaults do not do.
 */
export type ModelRef = string | ModelSettings;

export interface ModelSettings {
  readonly model: string;
  /** Milliseconds until the first bytes. @default 60000 */
  readonly timeout?: number | undefined;
  /** @default 1 */
  readonly retries?: number | undefined;
}

/** One model, or several of which each is tried when the one before it has failed. */
export type Models = ModelRef | readonly ModelRef[];

/** A share of the requests, and what serves it. */
export interface SplitBranch {
  /** Whole percent; all branches together are 100. */
  readonly percent: number;
  readonly model: Models;
}

/** How much one caller may use of the better models. */
export interface LimitArgs {
  /** Name of the metadata entry by which callers are counted apart: `host`, or one of `worker.metadata`. */
  readonly per: string;
  /** Requests within a window. Either this or `dollars`. */
  readonly requests?: number | undefined;
  /** What the gateway takes the requests of a window to cost. Either this or `requests`. */
  readonly dollars?: number | undefined;
  /** Seconds. */
  readonly window: number;
  readonly model: Models;
  /** Serves beyond the limit, and when `model` has failed. */
  readonly beyond: Models;
}

/** Which models serve whom. */
export interface MatchArgs {
  /** Name of the metadata entry: `host`, or one of `worker.metadata`. */
  readonly metadata: string;
  /** Models by the entry's value. */
  readonly cases: Readonly<Record<string, Models>>;
  /** Serves everybody else. */
  readonly otherwise: Models;
}

/** The route of one model, which fails when the model fails. */
export function oneModelRoute(ref: ModelRef): RouteElement[] {
  return buildRoute(model({ id: "model", ...modelOptions(ref) }));
}

/** Each model is tried when the one before it has failed. */
export function fallbackRoute(models: readonly ModelRef[]): RouteElement[] {
  return buildRoute(chain(models));
}

/**
 * A part of the requests for each branch, at random: an A/B test.
 *
 * @throws Error when the shares cannot be told apart
 */
export function splitRoute(branches: readonly SplitBranch[]): RouteElement[] {
  return buildRoute(split(branches.map(({ percent, model: models }) => ({ percent, to: chain(models) }))));
}

/** A rate cap or a budget per caller, with cheaper models beyond it. */
export function limitRoute({
  per,
  requests,
  dollars,
  window,
  model: models,
  beyond,
}: LimitArgs): RouteElement[] {
  const limit =
    dollars === undefined
      ? ({ limit: requests ?? 0, limitType: "count" } as const)
      : ({ limit: dollars, limitType: "cost" } as const);
  const cheaper = chain(beyond);
  return buildRoute(
    rate({ key: `metadata.${per}`, ...limit, window }, { within: chain(models, cheaper), beyond: cheaper }),
  );
}

/** Other models for other callers. */
export function matchRoute({ metadata, cases, otherwise }: MatchArgs): RouteElement[] {
  const first = Object.entries(cases).reduceRight<RouteStep>(
    (next, [value, models]) =>
      when({ [`metadata.${metadata}`]: { $eq: value } }, { matched: chain(models), otherwise: next }),
    chain(otherwise),
  );
  return buildRoute(first);
}

/** The provider and its model that a reference names. */
export function readModelRef(ref: string): { provider: string; model: string } | undefined {
  if (/^@cf\/./.test(ref)) return { provider: WORKERS_AI, model: ref };
  const parts = /^([^/]+)\/(.+)$/.exec(ref);
  return parts?.[1] && parts[2] ? { provider: parts[1], model: parts[2] } : undefined;
}

/** The models in turn, then `last`. */
function chain(models: Models, last: RouteStep = END): RouteStep {
  const refs = typeof models === "string" || "model" in models ? [models] : models;
  return refs.reduceRight((fallback, ref) => model({ ...modelOptions(ref), fallback }), last);
}

function modelOptions(ref: ModelRef) {
  const { model: name, ...settings }: ModelSettings = typeof ref === "string" ? { model: ref } : ref;
  const named = readModelRef(name);
  if (named === undefined) throw new Error(`'${name}' is no model: '<provider>/<model>' or '@cf/…'`);
  return { ...named, ...settings };
}
