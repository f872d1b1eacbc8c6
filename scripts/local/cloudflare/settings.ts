import {
  DEFAULT_ACCOUNT_ID,
  DEFAULT_API_TOKEN,
  DEFAULT_PERMISSIONS,
  DEFAULT_WORKERS_SUBDOMAIN,
  DEFAULT_ZONES,
} from "./defaults";
import { defaultPace } from "./providers/server";
import { groupNamed } from "./store/permissions";
import type { TokenRecord } from "./store/records";
import { now } from "./store/store";
import type { LocalCloudflareOptions } from "./types";

/** The options with everything that was left out. */
export type Settings = ReturnType<typeof settle>;

/** @throws when an option does not have the form that the real thing has. */
export function settle(options: LocalCloudflareOptions) {
  const settings = {
    accountId: options.accountId ?? DEFAULT_ACCOUNT_ID,
    apiToken: options.apiToken ?? DEFAULT_API_TOKEN,
    apiTokenOwner: options.apiTokenOwner ?? "account",
    deployToken: deployingToken(options.permissions ?? DEFAULT_PERMISSIONS, options.apiTokenExpiresOn),
    log: options.log ?? (() => {}),
    costOf: options.costOf ?? (() => 0),
    clock: options.clock ?? Date.now,
    propagation: options.propagation ?? {},
    pace: options.streamPace ?? defaultPace,
    ports: { api: 0, gateway: 0, providers: 0, workers: {}, domains: {}, ...options.ports },
    providerKeys: options.providerKeys,
    random: options.random ?? Math.random,
    stateFile: options.stateFile,
    zones: options.zones ?? DEFAULT_ZONES,
    unifiedBillingKeys: options.unifiedBilling === true ? options.providerKeys : {},
    workersSubdomain:
      options.workersSubdomain === undefined ? DEFAULT_WORKERS_SUBDOMAIN : options.workersSubdomain,
  };
  checkForms(settings.accountId, settings.apiToken);
  return settings;
}

function checkForms(accountId: string, apiToken: string): void {
  if (!/^[0-9a-f]{32}$/.test(accountId))
    throw new Error(`accountId is "${accountId}"; it must be 32 hex digits`);
  // The official provider refuses any other token.
  if (!/^[0-9A-Za-z_-]{40,80}$/.test(apiToken)) {
    throw new Error("apiToken must be 40 to 80 characters of letters, digits, - and _");
  }
}

/** The token that deploys was made before the stack, so it is no object of the account. */
function deployingToken(permissions: readonly string[], expiresOn?: string): TokenRecord {
  const at = now();
  const id = "0".repeat(32);
  const permission_groups = permissions.map(groupNamed);
  return {
    id,
    name: "deploy",
    status: "active",
    issuedOn: at,
    modifiedOn: at,
    valueSince: 0,
    ...(expiresOn === undefined ? {} : { expiresOn }),
    policies: [{ id, effect: "allow", permission_groups, resources: {} }],
  };
}
