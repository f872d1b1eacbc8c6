import type * as pulumi from "@pulumi/pulumi";
import { workerAddress } from "./cloudflare/address";
import { createGateway, gatewayEndpoint } from "./cloudflare/gateway";
import { createHostToken } from "./cloudflare/host-tokens";
import { RunToken } from "./cloudflare/run-token";
import { ProxyWorker } from "./cloudflare/worker";
import { loadConfig } from "./config";
import { createHosts, lookAtHosts } from "./hosts";
import { type StackOutputs, stackOutputs } from "./outputs";
import { DynamicRoute, OpenClawProvider } from "./pulumi-provider/resources";

/** Configuration, then what lives at Cloudflare, then the hosts that use it. */
async function program(): Promise<StackOutputs> {
  const config = loadConfig();
  // Before any resource: nothing is made for hosts that are not who they were, or for a Worker without an address.
  const [workerUrl] = await Promise.all([workerAddress(config), lookAtHosts(config.hosts)]);

  const { accountId } = config;
  const gateway = createGateway("gateway", { accountId, settings: config.gateway });
  const gatewayId = gateway.id;
  const route = new DynamicRoute(
    "route",
    { accountId, gatewayId, ...config.route },
    { provider: new OpenClawProvider("openclaw", config) },
  );
  // Its `/compat` takes `workers-ai/@cf/…` whatever the route does, so the token always reads Workers AI.
  const runToken = new RunToken("run", { accountId, tokenName: config.worker.name, usesWorkersAi: true });
  const hostTokens = config.hosts.map((host) => createHostToken(host.name, FIRST_GENERATION));
  const worker = new ProxyWorker("worker", {
    accountId,
    scriptName: config.worker.name,
    gatewayId,
    gatewayUrl: config.gateway.url,
    providers: config.providers,
    unifiedBilling: !config.gateway.byokOnly,
    settings: config.worker,
    runToken: runToken.value,
    hostTokens,
  });

  // Everything at Cloudflare, so that destroy restores the hosts while their requests are still answered.
  const dependsOn: pulumi.Resource[] = [gateway, route, runToken, worker];
  const hosts = createHosts(config, { workerUrl, hostTokens, dependsOn });

  return stackOutputs({
    workerUrl,
    gatewayId,
    gatewayUrl: gatewayEndpoint(config.gateway.url, accountId, gateway),
    routeName: route.name,
    ...hosts,
    hostTokens,
  });
}

/** The number that a host's first token has. */
const FIRST_GENERATION = 1;

export = program;
