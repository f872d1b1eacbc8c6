import { servingVersion } from "../control-plane/routes";
import type { RouteElement, RouteRecord } from "../store/records";
import { type ChatRequest, callModel, type ModelChoice } from "./chat-model";
import { holds, valueAt } from "./conditions";
import type { Exchange, Outcome } from "./exchange";
import { GatewayError, gatewayErrors } from "./gateway-error";
import { ProviderUnreachable } from "./provider-call";

/** More nodes than any route has: a graph that goes round in circles ends here. */
const MAX_NODES = 100;

/** One request on its way through a route. */
interface Walk {
  exchange: Exchange;
  request: ChatRequest;
  route: RouteRecord;
  /** Model nodes tried so far. */
  tried: number;
  /** Why each of them did not serve. */
  failures: string[];
  /** Set when the gateway itself refused the last of them. */
  refusal: GatewayError | undefined;
  /** The last of them. */
  last: ModelChoice | undefined;
  /** Counters of the cost limits that it has passed. */
  costs: string[];
}

/**
 * Serves a chat completion by the deployed version of a route. A model that serves ends the walk; one that does not
 * sends it down its `fallback`.
 *
 * @throws GatewayError when the walk ends without an answer: 2040 when the last model had no key, else 2005. That an
 * unknown route gives 2005 as well is a guess.
 */
export async function runRoute(exchange: Exchange, request: ChatRequest, name: string): Promise<Outcome> {
  const route = exchange.gateway.routes.find((candidate) => candidate.name === name);
  if (!route) throw gatewayErrors.noAnswer(`there is no dynamic route "${name}"`);
  const { elements } = servingVersion(route);
  const walk: Walk = {
    exchange,
    request,
    route,
    tried: 0,
    failures: [],
    refusal: undefined,
    last: undefined,
    costs: [],
  };
  let node = elements.find(({ type }) => type === "start");
  for (let passed = 0; node !== undefined && passed < MAX_NODES; passed++) {
    if (node.type === "end") break;
    const step = await take(walk, node);
    if (typeof step !== "string") return step;
    const next: string | undefined = node.outputs[step]?.elementId;
    node = elements.find(({ id }) => id === next);
  }
  const why = walk.failures.join("; ") || "no model was reached";
  exchange.plane.log(`gateway: dynamic route "${name}": ${why}`);
  const refused = walk.refusal ?? gatewayErrors.noAnswer("dynamic route exhausted");
  const step = Math.max(walk.tried - 1, 0);
  throw refused.while({ ...walk.last, step, dynamicRoute: name, stream: request.stream });
}

/** Passes one node: the name of the output to leave by, or the end of the walk. */
async function take(walk: Walk, node: RouteElement): Promise<string | Outcome> {
  switch (node.type) {
    case "start":
      return "next";
    case "conditional":
      return String(holds(node.properties?.conditions, subject(walk)));
    case "percentage":
      return pickBranch(Object.keys(node.outputs), walk.exchange.plane.random());
    case "rate":
      return isWithinRate(walk, node) ? "success" : "fallback";
    case "model":
      return (await tryModel(walk, node)) ?? "fallback";
    case "end":
      throw new Error("an end is not left");
  }
}

/** What conditions and rates can look at. */
function subject({ exchange, request }: Walk) {
  return { metadata: exchange.metadata, body: request.fields, headers: exchange.headers };
}

/** A report says that percentage nodes fail with 2005 at the real gateway; here they work as documented. */
function pickBranch(branches: readonly string[], dice: number): string {
  let left = dice * 100;
  for (const branch of branches) {
    left -= Number.parseFloat(branch);
    if (left < 0) return branch;
  }
  return branches.at(-1) ?? "";
}

/** What a request costs counts when it was served: the one that goes over a cost limit is the last that passes. */
function isWithinRate(walk: Walk, node: RouteElement): boolean {
  const { key, limit, limitType, window } = node.properties ?? {};
  const { windows, store } = walk.exchange.plane;
  const counter = JSON.stringify([walk.route.id, node.id, valueAt(subject(walk), String(key))]);
  const rate = { key: counter, limit: Number(limit), seconds: Number(window), technique: "sliding" as const };
  if (limitType === "count") return windows.allow(rate, store.time());
  walk.costs.push(counter);
  return windows.isWithin(rate, store.time());
}

/** The outcome when the model served, else undefined. Every status from 400 on counts as not served. */
async function tryModel(walk: Walk, node: RouteElement): Promise<Outcome | undefined> {
  const { exchange, request } = walk;
  const { provider, model, timeout, retries } = node.properties ?? {};
  const choice = { provider: String(provider), model: String(model) };
  const patience = {
    attempts: Number(retries) + 1,
    delay: 0,
    backoff: "constant" as const,
    ...limit(timeout),
  };
  const step = walk.tried++;
  walk.last = choice;
  const served = await attempt(walk, node, () => callModel(exchange, request, choice, patience));
  if (!served) return undefined;
  const { costOf, windows, store } = exchange.plane;
  for (const counter of walk.costs) windows.add(counter, costOf(choice.provider, choice.model), store.time());
  return {
    ...choice,
    step,
    dynamicRoute: walk.route.name,
    stream: request.stream,
    cached: false,
    ...served,
  };
}

async function attempt(
  walk: Walk,
  node: RouteElement,
  call: () => ReturnType<typeof callModel>,
): Promise<Pick<Outcome, "answer" | "keySource"> | undefined> {
  walk.refusal = undefined;
  try {
    const served = await call();
    if (served.answer.status < 400) return served;
    served.answer.body.resume();
    walk.failures.push(`node ${node.id}: the provider answered ${served.answer.status}`);
  } catch (error) {
    if (error instanceof GatewayError) walk.refusal = error;
    else if (!(error instanceof ProviderUnreachable)) throw error;
    walk.failures.push(`node ${node.id}: ${error.message}`);
  }
  return undefined;
}

function limit(timeout: unknown): { timeout?: number } {
  return typeof timeout === "number" && timeout > 0 ? { timeout } : {};
}
