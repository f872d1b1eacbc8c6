import type { Cloudflare } from "cloudflare";
import type { RouteElement } from "../cloudflare/route";
import { isAbsent, isConflict } from "./api-errors";

/** A route of a gateway, as far as the stack cares. */
export interface LiveRoute {
  readonly id: string;
  readonly name: string;
  /** The graph that serves, as the gateway gives it; undefined when nothing is deployed. */
  readonly elements: readonly unknown[] | undefined;
  /** The version that serves. */
  readonly versionId: string | undefined;
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
    try {
      return liveRoute(await this.#client.aiGateway.dynamicRouting.get(id, this.#scope));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** The id of the route of exactly this name. */
  async findByName(name: string): Promise<string | undefined> {
    for (let page = 1; ; page++) {
      const routes = await this.#page(page);
      const route = routes.find((candidate) => candidate.name === name);
      if (route !== undefined) return route.id;
      if (routes.length < PAGE_SIZE) return undefined;
    }
  }

  /** Makes a route and deploys its first version. Undefined when a route of that name is there already. */
  async create(name: string, elements: readonly RouteElement[]): Promise<string | undefined> {
    try {
      // Not repeated by the SDK: the answer to a first attempt that worked may have been lost on the way.
      const route = await this.#client.aiGateway.dynamicRouting.create(
        this.#scope.gateway_id,
        { account_id: this.#scope.account_id, name, elements: [...elements] },
        { maxRetries: 0 },
      );
      return route.id;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  async rename(id: string, name: string): Promise<void> {
    await this.#client.aiGateway.dynamicRouting.update(id, { ...this.#scope, name });
  }

  /** Makes a version of the route; it does not serve before it is deployed. */
  async addVersion(id: string, elements: readonly RouteElement[]): Promise<string> {
    const answer: unknown = await this.#client.aiGateway.dynamicRouting.createVersion(id, {
      ...this.#scope,
      elements: [...elements],
    });
    const versionId =
      text(field(answer, "version_id")) ?? text(field(field(answer, "version"), "version_id"));
    if (versionId === undefined)
      throw new Error(`Cloudflare made a version of route ${id} but did not say which.`);
    return versionId;
  }

  async deploy(id: string, versionId: string): Promise<void> {
    await this.#client.aiGateway.dynamicRouting.createDeployment(id, {
      ...this.#scope,
      version_id: versionId,
    });
  }

  /** Removes the route; nothing to remove is fine. */
  async delete(id: string): Promise<void> {
    try {
      await this.#client.aiGateway.dynamicRouting.delete(id, this.#scope);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }

  async #page(page: number): Promise<{ id: string; name: string }[]> {
    const answer = await this.#client.aiGateway.dynamicRouting.list(this.#scope.gateway_id, {
      account_id: this.#scope.account_id,
      page,
      per_page: PAGE_SIZE,
    });
    return answer.data.routes;
  }
}

function liveRoute(route: { id: string; name: string }): LiveRoute {
  const version = field(route, "version");
  const deployment = field(route, "deployment");
  return {
    id: route.id,
    name: route.name,
    elements: graphOf(field(route, "elements")) ?? graphOf(field(version, "data")),
    versionId: text(field(deployment, "version_id")) ?? text(field(version, "version_id")),
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
