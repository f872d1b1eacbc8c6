import type * as pulumi from "@pulumi/pulumi";
import { createHostTokens, type HostToken } from "./cloudflare/host-tokens";
import { createWorkersSubdomain, ProxyWorker } from "./cloudflare/worker";
import type { StackConfig } from "./config";
import type { OpenClawProvider } from "./pulumi-provider/resources";

/** How the hosts' requests get to the gateway. */
export type HostsAccess = WorkerAccess | DirectAccess;

/** Through the Worker, which has the provider keys; each host has a token for it. */
export interface WorkerAccess {
  readonly kind: "worker";
  /** Origin of the Worker. */
  readonly url: string;
  /** Those that the Worker accepts. */
  readonly hostTokens: readonly HostToken[];
  /** Whoever uses the run token. */
  readonly worker: pulumi.Resource;
}

/** Straight to the gateway, with the run token and the keys that each host has. */
export interface DirectAccess {
  readonly kind: "direct";
  /** Address of the gateway, with account and id. */
  readonly url: string;
  /** Secret. */
  readonly runToken: pulumi.Output<string>;
}

export interface WorkerAccessArgs {
  /** Origin of the Worker. */
  readonly url: string;
  readonly gatewayId: pulumi.Output<string>;
  /** Secret. */
  readonly runToken: pulumi.Output<string>;
  /** What has to be there before the Worker is. */
  readonly dependsOn: readonly pulumi.Resource[];
  /** The project's own provider. */
  readonly provider: OpenClawProvider;
}

/** Makes the Worker, its address, and the tokens of the hosts. */
export function createWorkerAccess(config: StackConfig, args: WorkerAccessArgs): WorkerAccess {
  const { accountId, providers, gateway, worker: settings } = config;
  const { url, gatewayId, runToken, dependsOn, provider } = args;
  const hostTokens = createHostTokens(config.hosts);
  const worker = new ProxyWorker(
    "worker",
    {
      accountId,
      scriptName: settings.name,
      gatewayId,
      gatewayUrl: gateway.url,
      providers,
      unifiedBilling: !gateway.byokOnly,
      settings,
      workersSubdomain: createWorkersSubdomain("workers-subdomain", config, provider),
      runToken,
      hostTokens,
    },
    { dependsOn: [...dependsOn] },
  );
  return { kind: "worker", url, hostTokens, worker };
}
