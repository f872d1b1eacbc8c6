import type { Endpoint } from "./call";
import { gatewayEndpoints } from "./gateways";
import { logEndpoints } from "./logs";
import { routeVersionEndpoints } from "./route-versions";
import { routeEndpoints } from "./routes";
import { scriptEndpoints } from "./scripts";
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
  ...logEndpoints,
  ...tokenEndpoints,
  ...scriptEndpoints,
  ...subdomainEndpoints,
];
