import { setTimeout as sleep } from "node:timers/promises";
import { canonicalGraph, parseRoute, type RouteElement, sameGraph } from "../cloudflare/route";
import { explain } from "./api-errors";
import {
  type Checked,
  type CheckFailure,
  type Created,
  type Difference,
  PartlyCreatedError,
  type Properties,
  type Read,
  type ResourceHandler,
  UNKNOWN,
} from "./handler";
import type { LiveRoute, RoutesApi } from "./routes-api";

/** Opens the routes of a gateway. */
export type OpenRoutes = (accountId: string, gatewayId: string) => Promise<RoutesApi>;

interface RouteInputs {
  readonly accountId: string;
  readonly gatewayId: string;
  readonly name: string;
  readonly elements: readonly RouteElement[];
  readonly adopt: boolean;
}

/** Waits between looks at a route that does not show what was just deployed; reads may lag behind writes. */
const SETTLE_MS = [100, 400, 1_500, 4_000];

/** `openclaw:index:DynamicRoute`: observe what is there, make sure it exists, bring it in line, check the result. */
export class DynamicRouteHandler implements ResourceHandler {
  readonly #open: OpenRoutes;

  constructor(open: OpenRoutes) {
    this.#open = open;
  }

  check(inputs: Properties): Checked {
    const failures: CheckFailure[] = ["accountId", "gatewayId", "name"].flatMap((property) =>
      isText(inputs[property]) ? [] : [{ property, reason: "a text is needed" }],
    );
    const { elements, adopt } = inputs;
    const checked = { ...inputs, adopt: adopt ?? false };
    // A graph with parts that are not known yet can only be checked when they are.
    if (holdsUnknown(elements)) return { inputs: checked, failures };
    const route = parseRoute(elements);
    if (route.problems === undefined) return { inputs: { ...checked, elements: route.elements }, failures };
    const ofGraph = route.problems.map(({ path, problem }) => ({
      property: propertyPath(path),
      reason: problem,
    }));
    return { inputs: checked, failures: [...failures, ...ofGraph] };
  }

  diff(state: Properties, inputs: Properties): Difference {
    const replaces = ["accountId", "gatewayId"].filter((key) => inputs[key] !== state[key]);
    const updates = ["name", "adopt"].filter((key) => inputs[key] !== state[key]);
    if (graphText(inputs.elements) !== graphText(state.elements)) updates.push("elements");
    return { replaces, updates };
  }

  async create(properties: Properties): Promise<Created> {
    const inputs = inputsOf(properties);
    const api = await this.#open(inputs.accountId, inputs.gatewayId);
    const { id, adopted } = await this.#ensure(api, inputs);
    try {
      return { id, outputs: await this.#sync(api, id, inputs, adopted) };
    } catch (error) {
      const outputs = { ...properties, elements: [], adopted, versionId: "" };
      const { message } = explain(`Route '${inputs.name}' is there but could not be deployed`, error);
      throw new PartlyCreatedError(message, { id, outputs });
    }
  }

  async read(id: string, state: Properties): Promise<Read | undefined> {
    const { accountId, gatewayId } = state;
    if (!isText(accountId) || !isText(gatewayId)) return undefined;
    const api = await this.#open(accountId, gatewayId);
    const route = await api.find(id);
    if (route === undefined) return undefined;
    const adopt = state.adopt ?? false;
    const inputs = { accountId, gatewayId, name: route.name, elements: graphForState(route, state), adopt };
    const outputs = { ...inputs, adopted: state.adopted ?? false, versionId: route.versionId ?? "" };
    return { id, inputs, outputs };
  }

  async update(id: string, state: Properties, properties: Properties): Promise<Properties> {
    const inputs = inputsOf(properties);
    const api = await this.#open(inputs.accountId, inputs.gatewayId);
    try {
      return await this.#sync(api, id, inputs, state.adopted === true);
    } catch (error) {
      throw explain(`Route '${inputs.name}' could not be updated`, error);
    }
  }

  async delete(id: string, state: Properties): Promise<void> {
    const { accountId, gatewayId } = state;
    if (state.adopted === true || !isText(accountId) || !isText(gatewayId)) return;
    const api = await this.#open(accountId, gatewayId);
    await api.delete(id);
  }

  /** Makes the route, or takes the one that is there when that was asked for. */
  async #ensure(api: RoutesApi, inputs: RouteInputs): Promise<{ id: string; adopted: boolean }> {
    const before = await api.findByName(inputs.name).catch((error: unknown) => {
      throw explain(`The routes of gateway '${inputs.gatewayId}' could not be read`, error);
    });
    if (before !== undefined) {
      if (!inputs.adopt) throw new Error(refusal(inputs));
      return { id: before, adopted: true };
    }
    const id = await this.#make(api, inputs);
    return { id, adopted: false };
  }

  async #make(api: RoutesApi, inputs: RouteInputs): Promise<string> {
    let failure: unknown;
    try {
      const id = await api.create(inputs.name, inputs.elements);
      if (id !== undefined) return id;
    } catch (error) {
      failure = error;
    }
    // The name was free a moment ago. A route with this very graph is the one whose creation was not answered.
    const found = await this.#findOwn(api, inputs);
    if (found !== undefined) return found;
    if (failure === undefined) throw new Error(refusal(inputs));
    throw explain(`Route '${inputs.name}' could not be created`, failure);
  }

  async #findOwn(api: RoutesApi, inputs: RouteInputs): Promise<string | undefined> {
    const id = await api.findByName(inputs.name).catch(() => undefined);
    const route = id === undefined ? undefined : await api.find(id);
    return route !== undefined && sameGraph(route.elements ?? [], inputs.elements) ? id : undefined;
  }

  /** Brings name and deployed graph in line, and returns what then serves. */
  async #sync(api: RoutesApi, id: string, inputs: RouteInputs, adopted: boolean): Promise<Properties> {
    const route = await api.find(id);
    if (route === undefined) {
      throw new Error(
        "it no longer exists at Cloudflare; run 'pulumi refresh', then 'pulumi up' makes it again",
      );
    }
    if (route.name !== inputs.name) await api.rename(id, inputs.name);
    const versionId = sameGraph(route.elements ?? [], inputs.elements)
      ? route.versionId
      : await this.#deploy(api, id, inputs);
    return { ...inputs, adopted, versionId: versionId ?? "" };
  }

  /** Never by deleting: a route that was made anew under its old name has been seen not to serve for hours. */
  async #deploy(api: RoutesApi, id: string, inputs: RouteInputs): Promise<string> {
    const versionId = await api.addVersion(id, inputs.elements);
    await api.deploy(id, versionId);
    for (const wait of [0, ...SETTLE_MS]) {
      await sleep(wait);
      const route = await api.find(id);
      if (route?.versionId === versionId && sameGraph(route.elements ?? [], inputs.elements))
        return versionId;
    }
    throw new Error(`version ${versionId} was deployed, but the gateway still shows another one`);
  }
}

function refusal({ name, gatewayId }: RouteInputs): string {
  return (
    `Gateway '${gatewayId}' already has a route named '${name}' that this stack did not make. Choose another name ` +
    "(pulumi config set --path route.name <name>) or take it over (pulumi config set --path route.adopt true); " +
    "its graph is then replaced, and it is kept when the stack is destroyed."
  );
}

/** What the state holds stays as it is written there for as long as it means the same. */
function graphForState(route: LiveRoute, state: Properties): unknown {
  const live = route.elements ?? [];
  return Array.isArray(state.elements) && sameGraph(live, state.elements) ? state.elements : live;
}

function graphText(elements: unknown): string {
  return Array.isArray(elements) ? canonicalGraph(elements) : String(elements);
}

function inputsOf(properties: Properties): RouteInputs {
  const { accountId, gatewayId, name, elements, adopt } = properties;
  const route = parseRoute(elements);
  if (!isText(accountId) || !isText(gatewayId) || !isText(name) || route.elements === undefined) {
    throw new Error("The inputs of this route have not been checked.");
  }
  return { accountId, gatewayId, name, elements: route.elements, adopt: adopt === true };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(holdsUnknown);
}

/** `elements[2].outputs.success`, as Pulumi writes property paths. */
function propertyPath(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${part}`),
    "elements",
  );
}
