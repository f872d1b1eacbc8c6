import type { Cloudflare } from "cloudflare";
import type { RouteElement } from "../cloudflare/route";
import { unlessAbsent } from "./api-errors";

/** One version of a route's graph, as the gateway gives it. */
export interface RouteVersion {
  readonly versionId: string;
  readonly elements: readonly unknown[];
  /** RFC 3339. */
  readonly createdAt: string;
}

/** A route of a gateway, as far as the stack cares. */
export interface LiveRoute {
  readonly id: string;
  readonly name: string;
  /** The version that serves. */
  readonly deployed: RouteVersion;
  /** The version that was made last; one that does not serve is a draft. */
  readonly newest: RouteVersion;
}

/**
 * For calls that are not repeated by the SDK: the answer to a first attempt that worked may have been lost on the way.
 */
const ONCE = { maxRetries: 0 } as const;

/** A route as a list has it: without its graph. */
interface ListedRoute {
  readonly id: string;
  readonly name: string;
}

const PAGE_SIZE = 50;

/**
 * The routes of one gateway, over the official SDK. What the SDK's types promise and the API does not keep is put
 * right here: a route's graph comes as `version.data`, an array, and a new version's id is not in its type.
 */
export class RoutesApi {
  readonly #client: Cloudflare;
  readonly #scope: { readonly account_id: string; readonly gateway_id: string };

  constructor(client: Cloudflare, accountId: string, gatewayId: string) {
    this.#client = client;
    this.#scope = { account_id: accountId, gateway_id: gatewayId };
  }

  /** The route, or undefined when it or its gateway is gone. */
  async find(id: string): Promise<LiveRoute | undefined> {
    return unlessAbsent(async () => {
      const route = await this.#client.aiGateway.dynamicRouting.get(id, this.#scope);
      const { data } = await this.#client.aiGateway.dynamicRouting.listVersions(id, this.#scope);
      return liveRoute(route, data.versions.map(versionOf));
    });
  }

  /** The id of the route of exactly this name. */
  async findByName(name: string): Promise<string | undefined> {
    return (await this.#search((route) => route.name === name))?.id;
  }

  /** Whether the gateway lists the route. */
  async isListed(id: string): Promise<boolean> {
    return (await unlessAbsent(() => this.#search((route) => route.id === id))) !== undefined;
  }

  /** Makes a route and deploys its first version. */
  async create(name: string, elements: readonly RouteElement[]): Promise<string> {
    const { account_id, gateway_id } = this.#scope;
    const body = { account_id, name, elements: [...elements] };
    return (await this.#client.aiGateway.dynamicRouting.create(gateway_id, body, ONCE)).id;
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#client.aiGateway.dynamicRouting.update(id, { ...this.#scope, name });
  }

  /** Makes a version of the route; it does not serve before it is deployed. */
  async addVersion(id: string, elements: readonly RouteElement[]): Promise<string> {
    const body = { ...this.#scope, elements: [...elements] };
    const answer: unknown = await this.#client.aiGateway.dynamicRouting.createVersion(id, body, ONCE);
    const versionId =
      text(field(answer, "version_id")) ?? text(field(field(answer, "version"), "version_id"));
    if (versionId === undefined)
      throw new Error(`Cloudflare made a version of route ${id} but did not say which.`);
    return versionId;
  }

  /** Has that version serve; once more does nothing. */
  async deploy(id: string, versionId: string): Promise<void> {
    await this.#client.aiGateway.dynamicRouting.createDeployment(id, {
      ...this.#scope,
      version_id: versionId,
    });
  }

  /** Removes the route; nothing to remove is fine. */
  async delete(id: string): Promise<void> {
    await unlessAbsent(() => this.#client.aiGateway.dynamicRouting.delete(id, this.#scope));
  }

  async #search(matches: (route: ListedRoute) => boolean): Promise<ListedRoute | undefined> {
    for (let page = 1; ; page++) {
      const routes = await this.#page(page);
      const route = routes.find(matches);
      if (route !== undefined || routes.length < PAGE_SIZE) return route;
    }
  }

  async #page(page: number): Promise<ListedRoute[]> {
    const answer = await this.#client.aiGateway.dynamicRouting.list(this.#scope.gateway_id, {
      account_id: this.#scope.account_id,
      page,
      per_page: PAGE_SIZE,
    });
    return answer.data.routes;
  }
}

function liveRoute(route: ListedRoute, versions: readonly RouteVersion[]): LiveRoute {
  const shown = versionOf(field(route, "version"));
  const deployed = {
    ...shown,
    versionId: text(field(field(route, "deployment"), "version_id")) ?? shown.versionId,
    elements: graphOf(field(route, "elements")) ?? shown.elements,
  };
  return { id: route.id, name: route.name, deployed, newest: newestOf(versions, deployed) };
}

/** A list is one page, newest first, which nothing promises: a page without newer versions says nothing. */
function newestOf(versions: readonly RouteVersion[], deployed: RouteVersion): RouteVersion {
  const age = (version: RouteVersion) => Date.parse(version.createdAt);
  // Of two of the same instant the one that stands first is the newer.
  const [newest = deployed] = [...versions].sort((a, b) => age(b) - age(a));
  const isListed = versions.some(({ versionId }) => versionId === deployed.versionId);
  return isListed || age(newest) > age(deployed) ? newest : deployed;
}

function versionOf(version: unknown): RouteVersion {
  return {
    versionId: text(field(version, "version_id")) ?? "",
    elements: graphOf(field(version, "data")) ?? [],
    createdAt: text(field(version, "created_at")) ?? "",
  };
}

/** The published specification calls the graph a text, the API answers with a list. */
function graphOf(value: unknown): readonly unknown[] | undefined {
  const graph: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(graph) ? graph : undefined;
}

function field(value: unknown, name: string): unknown {
  if (value === null || typeof value !== "object") return undefined;
  return (value as Record<string, unknown>)[name];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
