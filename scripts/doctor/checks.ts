import { accountChecks } from "./account";
import type { Check } from "./check";
import type { Deployment } from "./deployment";
import { gatewayLogCheck } from "./gateway-log";
import { hostChecks } from "./hosts";
import { inferenceChecks, type LogIds } from "./inference";
import { workerChecks } from "./worker";

/** Everything that doctor looks at, in the way that a request takes from the account to the host. */
export function checksFor(deployment: Deployment, { inference }: { readonly inference: boolean }): Check[] {
  const logIds: LogIds = [];
  return [
    ...accountChecks(deployment),
    ...workerChecks(deployment),
    ...(inference ? inferenceChecks(deployment, logIds) : []),
    ...(inference ? [gatewayLogCheck(deployment, logIds)] : []),
    ...hostChecks(deployment, inference),
  ];
}
