import { accountEndpoints } from "./accounts";
import type { Endpoint } from "./call";
import { domainEndpoints } from "./domains";
import { gatewayEndpoints } from "./gateways";
import { logEndpoints } from "./logs";
import { providerConfigEndpoints } from "./provider-configs";
import { routeVersionEndpoints } from "./route-versions";
import { routeEndpoints } from "./routes";
import { scriptEndpoints } from "./scripts";
import { secretEndpoints } from "./secrets";
import { secretsStoreEndpoints } from "./secrets-stores";
import { subdomainEndpoints } from "./subdomains";
import { tokenEndpoints } from "./tokens";

/**
 * Every call that is served. The first match wins, so a fixed segment (`tokens/verify`) stands before a variable one
 * (`tokens/:token`).
 */
export const endpoints: readonly Endpoint[] = [
  ...gatewayEndpoints,
  ...routeEndpoints,
  ...routeVersionEndpoints,
  ...providerConfigEndpoints,
  ...logEndpoints,
  ...tokenEndpoints,
  ...secretsStoreEndpoints,
  ...secretEndpoints,
  ...scriptEndpoints,
  ...subdomainEndpoints,
  ...domainEndpoints,
  ...accountEndpoints,
];
