import type { CloudflareObjects } from "../types";
import { allowedGroups, statusOf } from "./permissions";
import type { State } from "./records";

/** A copy of the objects as they are at this time, without any secret value. */
export function publicObjects(state: State, at: number): CloudflareObjects {
  return structuredClone({
    gateways: state.gateways.map(({ id, settings }) => ({ id, settings })),
    routes: state.gateways.flatMap((gateway) =>
      gateway.routes.map(({ id, name, versions, deployments }) => ({
        id,
        name,
        gatewayId: gateway.id,
        versions: versions.map(({ versionId, createdAt, elements }) => ({ versionId, createdAt, elements })),
        deployments,
      })),
    ),
    tokens: state.tokens.map((token) => ({
      id: token.id,
      name: token.name,
      status: statusOf(token, at),
      permissions: allowedGroups(token),
      ...(token.expiresOn === undefined ? {} : { expiresOn: token.expiresOn }),
    })),
    scripts: state.scripts.map((script) => ({
      name: script.name,
      etag: script.etag,
      compatibilityDate: script.compatibilityDate,
      bindings: script.bindings.map((binding) => ({ ...binding })),
      subdomain: script.subdomain,
    })),
    customDomains: state.customDomains.map(({ id, hostname, service, zoneName }) => ({
      id,
      hostname,
      service,
      zoneName,
    })),
    secrets: state.secretsStores.flatMap((store) =>
      store.secrets.map(({ id, name, scopes, modified }) => ({
        id,
        storeId: store.id,
        name,
        scopes,
        modified,
      })),
    ),
    providerConfigs: state.gateways.flatMap((gateway) =>
      gateway.providerConfigs.map(({ id, providerSlug, alias, defaultConfig, secretId }) => ({
        id,
        gatewayId: gateway.id,
        providerSlug,
        alias,
        defaultConfig,
        secretId,
      })),
    ),
    secretsStores: state.secretsStores.map(({ id, name }) => ({ id, name })),
    workersSubdomain: state.workersSubdomain,
  });
}

/** Whether no object is left that somebody made. The workers.dev name and the Secrets Store are shared and stay. */
export function isEmpty(objects: CloudflareObjects): boolean {
  const { gateways, routes, tokens, scripts, customDomains, secrets, providerConfigs } = objects;
  const made = [gateways, routes, tokens, scripts, customDomains, secrets, providerConfigs];
  return made.every(({ length }) => length === 0);
}
