import { randomUUID } from "node:crypto";
import { parseJson } from "../http/message";
import type { GatewayRecord, RouteElement, RouteRecord, RouteVersion } from "../store/records";
import { now, removeWhere } from "../store/store";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, paginate, param } from "./call";
import { GATEWAY, GATEWAY_READ, GATEWAY_WRITE, gatewayOf } from "./gateways";
import { isWalkable } from "./route-graph";
import { newRoute, renamedRoute } from "./route-schema";
import { GATEWAY_VALIDATION, validate } from "./validation";

const ROUTES = `${GATEWAY}/routes`;
/** Path of one route, for what hangs below it. */
export const ROUTE = `${ROUTES}/:route`;

export const routeEndpoints: readonly Endpoint[] = [
  { method: "POST", path: ROUTES, permissions: GATEWAY_WRITE, handle: create },
  { method: "GET", path: ROUTES, permissions: GATEWAY_READ, handle: list },
  {
    method: "GET",
    path: ROUTE,
    permissions: GATEWAY_READ,
    handle: (call) => ({ result: shown(call, routeOf(call)) }),
  },
  { method: "PATCH", path: ROUTE, permissions: GATEWAY_WRITE, handle: rename },
  { method: "DELETE", path: ROUTE, permissions: GATEWAY_WRITE, handle: remove },
];

/** The route in the call's path. @throws 7002 for the gateway, 7005 for the route. */
export function routeOf(call: Call): RouteRecord {
  const route = call.store.route(gatewayOf(call), param(call, "route"));
  if (!route) throw apiErrors.unknownRoute();
  return route;
}

/** Creation deploys version 1. */
function create(call: Call) {
  const gateway = gatewayOf(call);
  const { name, elements } = validate(newRoute, parseJson(call.body), GATEWAY_VALIDATION);
  refuseTakenName(gateway, name);
  const version = makeVersion(elements as RouteElement[]);
  const route: RouteRecord = {
    id: randomUUID(),
    name,
    createdAt: version.createdAt,
    modifiedAt: version.createdAt,
    versions: [version],
    deployments: [],
  };
  deploy(route, version.versionId);
  gateway.routes.push(route);
  call.store.save();
  return { result: shown(call, route) };
}

/** Changes the name and nothing else, and answers without the usual envelope. */
function rename(call: Call) {
  const gateway = gatewayOf(call);
  const route = routeOf(call);
  const { name } = validate(renamedRoute, parseJson(call.body), GATEWAY_VALIDATION);
  if (name !== route.name) refuseTakenName(gateway, name);
  route.name = name;
  route.modifiedAt = now();
  call.store.save();
  return { envelope: { success: true, route: shown(call, route) } };
}

function remove(call: Call) {
  const gateway = gatewayOf(call);
  const route = routeOf(call);
  removeWhere(gateway.routes, ({ id }) => id === route.id);
  call.store.save();
  return { result: shown(call, route) };
}

/** No total, and items without the graph. */
function list(call: Call) {
  const { items, page, perPage } = paginate(gatewayOf(call).routes, call.query);
  const routes = items.map((route) => {
    const { data: _graph, ...version } = shownVersion(route, servingVersion(route));
    return { ...shown(call, route), version };
  });
  return { envelope: { success: true, data: { routes, ...pageInfo(page, perPage) } } };
}

/** What a list of AI Gateway says about its page. */
export function pageInfo(page: number, perPage: number) {
  return { page, per_page: perPage, order_by: "created_at", order_by_direction: "desc" };
}

export function makeVersion(elements: RouteElement[]): RouteVersion {
  return { versionId: randomUUID(), createdAt: now(), isValid: isWalkable(elements), elements };
}

export function deploy(route: RouteRecord, versionId: string): void {
  const createdAt = now();
  route.deployments.push({ deploymentId: randomUUID(), versionId, createdAt });
  route.modifiedAt = createdAt;
}

/** The version that serves: the one deployed last. */
export function servingVersion(route: RouteRecord): RouteVersion {
  const id = route.deployments.at(-1)?.versionId;
  const version = route.versions.find(({ versionId }) => versionId === id);
  if (!version) throw new Error(`route ${route.id} has no deployed version: the state file was edited`);
  return version;
}

/** A version as the API shows it: the graph is `data`, an array (the published specification says string). */
export function shownVersion(route: RouteRecord, version: RouteVersion) {
  return {
    version_id: version.versionId,
    active: String(version.versionId === route.deployments.at(-1)?.versionId),
    created_at: version.createdAt,
    is_valid: version.isValid,
    data: version.elements,
  };
}

/** A route as the API shows it: there is no `elements`, whatever the published specification says. */
export function shown(call: Call, route: RouteRecord) {
  const deployment = route.deployments.at(-1);
  return {
    id: route.id,
    account_tag: call.store.state.accountId,
    gateway_id: param(call, "gateway"),
    name: route.name,
    created_at: route.createdAt,
    modified_at: route.modifiedAt,
    version: shownVersion(route, servingVersion(route)),
    deployment: deployment && shownDeployment(deployment),
  };
}

export function shownDeployment(deployment: RouteRecord["deployments"][number]) {
  return {
    deployment_id: deployment.deploymentId,
    version_id: deployment.versionId,
    created_at: deployment.createdAt,
  };
}

function refuseTakenName(gateway: GatewayRecord, name: string): void {
  if (gateway.routes.some((route) => route.name === name)) throw apiErrors.duplicateRoute();
}
