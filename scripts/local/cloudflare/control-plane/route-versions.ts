import { parseJson } from "../http/message";
import type { RouteElement } from "../store/records";
import { apiErrors } from "./api-error";
import { type Call, type Endpoint, paginate, param } from "./call";
import { GATEWAY_READ, GATEWAY_WRITE } from "./gateways";
import { newDeployment, newVersion } from "./route-schema";
import {
  deploy,
  makeVersion,
  pageInfo,
  ROUTE,
  routeOf,
  shown,
  shownDeployment,
  shownVersion,
} from "./routes";
import { GATEWAY_VALIDATION, validate } from "./validation";

export const routeVersionEndpoints: readonly Endpoint[] = [
  { method: "POST", path: `${ROUTE}/versions`, permissions: GATEWAY_WRITE, handle: createVersion },
  { method: "GET", path: `${ROUTE}/versions`, permissions: GATEWAY_READ, handle: listVersions },
  { method: "GET", path: `${ROUTE}/versions/:version`, permissions: GATEWAY_READ, handle: getVersion },
  { method: "POST", path: `${ROUTE}/deployments`, permissions: GATEWAY_WRITE, handle: createDeployment },
  { method: "GET", path: `${ROUTE}/deployments`, permissions: GATEWAY_READ, handle: listDeployments },
];

/** A version serves nothing until it is deployed. */
function createVersion(call: Call) {
  const route = routeOf(call);
  const { elements } = validate(newVersion, parseJson(call.body), GATEWAY_VALIDATION);
  const version = makeVersion(elements as RouteElement[]);
  route.versions.push(version);
  call.store.save();
  return { result: { ...identity(call), ...shownVersion(route, version) } };
}

function listVersions(call: Call) {
  const route = routeOf(call);
  const { items, page, perPage } = paginate([...route.versions].reverse(), call.query);
  const versions = items.map((version) => shownVersion(route, version));
  return { envelope: { success: true, data: { versions, ...pageInfo(page, perPage) } } };
}

function getVersion(call: Call) {
  const route = routeOf(call);
  const version = route.versions.find(({ versionId }) => versionId === param(call, "version"));
  if (!version) throw apiErrors.unknownVersion();
  return { result: { ...identity(call), ...shownVersion(route, version) } };
}

/** Deploying an old version is how one rolls back. */
function createDeployment(call: Call) {
  const route = routeOf(call);
  const { version_id } = validate(newDeployment, parseJson(call.body), GATEWAY_VALIDATION);
  if (!route.versions.some(({ versionId }) => versionId === version_id)) throw apiErrors.unknownVersion();
  deploy(route, version_id);
  call.store.save();
  return { result: shown(call, route) };
}

function listDeployments(call: Call) {
  const { deployments } = routeOf(call);
  const { items, page, perPage } = paginate([...deployments].reverse(), call.query);
  return {
    envelope: {
      success: true,
      data: { deployments: items.map(shownDeployment), ...pageInfo(page, perPage) },
    },
  };
}

function identity(call: Call) {
  const { id, name, modifiedAt } = routeOf(call);
  return { id, name, gateway_id: param(call, "gateway"), modified_at: modifiedAt };
}
