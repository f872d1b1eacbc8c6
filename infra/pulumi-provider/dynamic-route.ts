import { parseRoute, sameGraph } from "../cloudflare/route";
import { explain, isConflict } from "./api-errors";
import { makeOnce, settled } from "./attempts";
import {
  type Checked,
  type Created,
  type Difference,
  type Known,
  PartlyCreatedError,
  type Patience,
  type Properties,
  type Read,
  type ResourceHandler,
} from "./handler";
import { differing, holdsUnknown, isText, missingTexts, propertyPath } from "./properties";
import { changesOf, deviationsOf, driftOf, inputsOf, outputsOf, type RouteInputs } from "./route-state";
import type { LiveRoute, RoutesApi } from "./routes-api";

/** Opens the routes of a gateway. */
export type OpenRoutes = (accountId: string, gatewayId: string, patience: Patience) => RoutesApi;

/** `openclaw:index:DynamicRoute`: observe what is there, make sure it exists, bring it in line, check the result. */
export class DynamicRouteHandler implements ResourceHandler {
  readonly #open: OpenRoutes;

  constructor(open: OpenRoutes) {
    this.#open = open;
  }

  check(inputs: Properties): Checked {
    const failures = missingTexts(inputs, ["accountId", "gatewayId", "name"]);
    const { elements, adopt } = inputs;
    const checked = { ...inputs, adopt: adopt ?? false };
    // A graph with parts that are not known yet can only be checked when they are.
    if (holdsUnknown(elements)) return { inputs: checked, failures };
    const route = parseRoute(elements);
    if (route.problems === undefined) return { inputs: { ...checked, elements: route.elements }, failures };
    const ofGraph = route.problems.map(({ path, problem }) => ({
      property: propertyPath("elements", path),
      reason: problem,
    }));
    return { inputs: checked, failures: [...failures, ...ofGraph] };
  }

  async diff(state: Properties, inputs: Properties, { id, reporter }: Known): Promise<Difference> {
    const replaces = differing(["accountId", "gatewayId"], inputs, state);
    const updates = changesOf(state, inputs);
    if (replaces.length > 0 || holdsUnknown(inputs)) return { replaces, updates };
    const wanted = inputsOf(inputs);
    const said = `Route '${wanted.name}'`;
    try {
      const route = await this.#look(id, wanted);
      if (route === "unclear") return { replaces, updates };
      if (route === undefined) {
        reporter.warn(`${said} was deleted outside of this stack; it is made again.`);
        return { replaces: ["name"], updates };
      }
      const drift = driftOf(route, state);
      if (drift.length > 0) reporter.warn(`${said} was changed outside of this stack: ${drift.join(", ")}.`);
      return { replaces, updates: [...new Set([...updates, ...deviationsOf(route, wanted)])] };
    } catch (error) {
      const { message } = explain(`${said} could not be compared with what is at Cloudflare`, error);
      reporter.warn(`${message}. Changes that were made outside of this stack do not show.`);
      return { replaces, updates };
    }
  }

  async create(properties: Properties): Promise<Created> {
    const inputs = inputsOf(properties);
    const api = this.#open(inputs.accountId, inputs.gatewayId, "work");
    const { id, adopted } = await this.#ensure(api, inputs);
    try {
      return { id, outputs: await this.#sync(api, id, inputs, adopted) };
    } catch (error) {
      const outputs = { ...properties, elements: [], adopted, versionId: "", draftVersionId: "" };
      const { message } = explain(`Route '${inputs.name}' is there but could not be deployed`, error);
      throw new PartlyCreatedError(message, { id, outputs });
    }
  }

  /** An import is given `<account id>/<gateway id>/<route id>`; what was imported is kept at destroy. */
  async read(id: string, state: Properties, inputs: Properties): Promise<Read | undefined> {
    const isImport = id.includes("/");
    const [accountId, gatewayId, routeId] = isImport ? id.split("/") : [state.accountId, state.gatewayId, id];
    if (!isText(accountId) || !isText(gatewayId) || !isText(routeId)) return undefined;
    const route = await this.#open(accountId, gatewayId, "work").find(routeId);
    if (route === undefined) return undefined;
    const pin = isText(state.version) ? { version: state.version } : {};
    const known = { accountId, gatewayId, name: route.name, adopt: state.adopt ?? false, ...pin };
    const outputs = outputsOf(
      { ...known, elements: state.elements },
      route,
      isImport || state.adopted === true,
    );
    // The graph of a pinned route waits for the end of the pin.
    const elements = isText(state.version) ? inputs.elements : outputs.elements;
    return { id: routeId, inputs: { ...known, elements }, outputs };
  }

  async update(id: string, state: Properties, properties: Properties): Promise<Properties> {
    const inputs = inputsOf(properties);
    const api = this.#open(inputs.accountId, inputs.gatewayId, "work");
    try {
      return await this.#sync(api, id, inputs, state.adopted === true);
    } catch (error) {
      throw explain(`Route '${inputs.name}' could not be updated`, error);
    }
  }

  async delete(id: string, state: Properties): Promise<void> {
    const { accountId, gatewayId } = state;
    if (state.adopted === true || !isText(accountId) || !isText(gatewayId)) return;
    await this.#open(accountId, gatewayId, "work")
      .delete(id)
      .catch((error: unknown) => {
        throw explain(`Route '${String(state.name)}' could not be deleted`, error);
      });
  }

  /** A look that misses a route which the list has came too early after a change: it must not be made anew for that. */
  async #look(id: string, { accountId, gatewayId }: RouteInputs): Promise<LiveRoute | "unclear" | undefined> {
    const api = this.#open(accountId, gatewayId, "look");
    const route = await api.find(id);
    if (route !== undefined) return route;
    return (await api.isListed(id)) ? "unclear" : undefined;
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
    const create = () => api.create(inputs.name, inputs.elements);
    const id = await makeOnce(create, () => findOwn(api, inputs)).catch((error: unknown) => {
      if (isConflict(error)) throw new Error(refusal(inputs));
      throw explain(`Route '${inputs.name}' could not be created`, error);
    });
    return { id, adopted: false };
  }

  /** Brings name and deployed version in line, and returns what then serves. */
  async #sync(api: RoutesApi, id: string, inputs: RouteInputs, adopted: boolean): Promise<Properties> {
    const route = await settled(() => api.find(id));
    if (route === undefined) {
      throw new Error(
        "it no longer exists at Cloudflare; run 'pulumi refresh', then 'pulumi up' makes it again",
      );
    }
    const deviations = deviationsOf(route, inputs);
    if (deviations.length === 0) return outputsOf({ ...inputs }, route, adopted);
    if (deviations.includes("name")) await rename(api, id, inputs.name);
    if (deviations.some((name) => name !== "name")) await deploy(api, route, inputs);
    return outputsOf({ ...inputs }, await verified(api, id, inputs), adopted);
  }
}

/** A route with this name and this very graph, which was not there a moment ago: its creation was not answered. */
async function findOwn(api: RoutesApi, { name, elements }: RouteInputs): Promise<string | undefined> {
  const id = await api.findByName(name);
  const route = id === undefined ? undefined : await api.find(id);
  return route !== undefined && sameGraph(route.deployed.elements, elements) ? id : undefined;
}

/** The route that has the name may be about to give it up in the same run, so that is waited for. */
async function rename(api: RoutesApi, id: string, name: string): Promise<void> {
  const renamed = await settled(() =>
    api.rename(id, name).then(
      () => true,
      (error: unknown) => {
        if (!isConflict(error)) throw error;
        return undefined;
      },
    ),
  );
  if (renamed) return;
  throw new Error(
    `another route of the gateway has the name '${name}'. To swap the names of two routes, give one of them a third name ` +
      "(pulumi config set --path routes.<key>.name <name>) and run 'pulumi up' before it gets its own",
  );
}

/** Never by deleting: a route that was made anew under its old name has been seen not to serve for hours. */
async function deploy(api: RoutesApi, route: LiveRoute, inputs: RouteInputs): Promise<void> {
  const versionId = inputs.version ?? (await versionFor(api, route, inputs));
  await api.deploy(route.id, versionId);
}

/** The version to deploy: the newest when it has the graph, so that none is made twice; else a new one. */
async function versionFor(api: RoutesApi, route: LiveRoute, { elements }: RouteInputs): Promise<string> {
  if (sameGraph(route.newest.elements, elements)) return route.newest.versionId;
  return makeOnce(
    () => api.addVersion(route.id, elements),
    async () => {
      const newest = (await api.find(route.id))?.newest;
      return newest !== undefined && sameGraph(newest.elements, elements) ? newest.versionId : undefined;
    },
  );
}

/** The route, once it shows what was done. */
async function verified(api: RoutesApi, id: string, inputs: RouteInputs): Promise<LiveRoute> {
  let deviations: string[] = [];
  const route = await settled(async () => {
    const seen = await api.find(id);
    deviations = seen === undefined ? ["id"] : deviationsOf(seen, inputs);
    return deviations.length === 0 ? seen : undefined;
  });
  if (route !== undefined) return route;
  throw new Error(`it was changed, but the gateway still shows another ${deviations.join(" and ")}`);
}

function refusal({ name, gatewayId }: RouteInputs): string {
  return (
    `Gateway '${gatewayId}' already has a route named '${name}' that this stack did not make. Choose another name ` +
    "(pulumi config set --path routes.<key>.name <name>) or take it over " +
    "(pulumi config set --path routes.<key>.adopt true); its graph is then replaced, and it is kept when the stack " +
    "is destroyed."
  );
}
