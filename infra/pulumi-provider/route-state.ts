import { canonicalGraph, parseRoute, type RouteElement, sameGraph } from "../cloudflare/route";
import type { Properties } from "./handler";
import { differing, isText } from "./properties";
import type { LiveRoute } from "./routes-api";

/** What is wanted of a route. */
export interface RouteInputs {
  readonly accountId: string;
  readonly gatewayId: string;
  readonly name: string;
  readonly elements: readonly RouteElement[];
  readonly adopt: boolean;
  /** The version that is to serve; the graph then waits until the pin is taken away. */
  readonly version?: string;
}

/** @throws Error when the inputs have not been through `check` */
export function inputsOf(properties: Properties): RouteInputs {
  const { accountId, gatewayId, name, elements, adopt, version } = properties;
  const route = parseRoute(elements);
  if (!isText(accountId) || !isText(gatewayId) || !isText(name) || route.elements === undefined) {
    throw new Error("The inputs of this route have not been checked.");
  }
  const pin = isText(version) ? { version } : {};
  return { accountId, gatewayId, name, elements: route.elements, adopt: adopt === true, ...pin };
}

/** What is kept of a route that is as it ought to be, or as it was found. */
export function outputsOf(inputs: Properties, route: LiveRoute, adopted: boolean): Properties {
  return {
    ...inputs,
    name: route.name,
    elements: servedGraph(route, inputs.elements),
    adopted,
    versionId: route.deployed.versionId,
    // Beside a pinned version newer ones are what a pin is for.
    draftVersionId: isText(inputs.version) ? "" : draftOf(route),
  };
}

/** The graph that serves; one that only is spelled differently stays as it was written. */
function servedGraph({ deployed }: LiveRoute, written: unknown): readonly unknown[] {
  const same = Array.isArray(written) && sameGraph(deployed.elements, written);
  return same ? written : deployed.elements;
}

/** The inputs that the last known state does not fulfil. */
export function changesOf(state: Properties, inputs: Properties): string[] {
  const changes = differing(["name", "adopt", "version"], state, inputs);
  if (isText(inputs.version)) {
    return inputs.version === state.versionId ? changes : [...new Set([...changes, "version"])];
  }
  if (graphText(inputs.elements) !== graphText(state.elements)) changes.push("elements");
  if (isText(state.draftVersionId)) changes.push("draftVersionId");
  return changes;
}

/** The inputs that the route does not fulfil. */
export function deviationsOf(route: LiveRoute, { name, elements, version }: RouteInputs): string[] {
  const deviations = route.name === name ? [] : ["name"];
  if (version !== undefined) {
    return route.deployed.versionId === version ? deviations : [...deviations, "version"];
  }
  if (!sameGraph(route.deployed.elements, elements)) deviations.push("elements");
  else if (draftOf(route) !== "") deviations.push("draftVersionId");
  return deviations;
}

/** What somebody else has done to the route since the last run, in words. */
export function driftOf(route: LiveRoute, state: Properties): string[] {
  const drift: string[] = [];
  if (route.name !== state.name) drift.push(`it was renamed to '${route.name}'`);
  if (route.deployed.versionId !== state.versionId) {
    drift.push(`version ${route.deployed.versionId} was deployed in place of ${String(state.versionId)}`);
  } else if (!isText(state.version) && draftOf(route) !== "") {
    drift.push(`version ${draftOf(route)} was made and not deployed`);
  }
  return drift;
}

/** A version that is newer than the one that serves: one click in the dashboard would deploy it. */
function draftOf({ deployed, newest }: LiveRoute): string {
  return newest.versionId === deployed.versionId ? "" : newest.versionId;
}

function graphText(elements: unknown): string {
  return Array.isArray(elements) ? canonicalGraph(elements) : String(elements);
}
