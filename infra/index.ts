import type * as pulumi from "@pulumi/pulumi";
import { workerAddress } from "./cloudflare/address";
import { createProviderConfigs, KeySecrets } from "./cloudflare/byok";
import { claimGateway, createGateway, gatewayEndpoint } from "./cloudflare/gateway";
import { createHostTokens } from "./cloudflare/host-tokens";
import { tryProviderKeys } from "./cloudflare/key-trials";
import { createRoutes } from "./cloudflare/routes";
import { RunToken } from "./cloudflare/run-token";
import { createWorkersSubdomain, ProxyWorker } from "./cloudflare/worker";
import { deployingToken, loadConfig } from "./config";
import { lookAtHosts } from "./host-looks";
import { createHosts } from "./hosts";
import { type StackOutputs, stackOutputs } from "./outputs";
import { preflight } from "./preflight";
import { OpenClawProvider } from "./pulumi-provider/resources";

/** Configuration, then what lives at Cloudflare, then the hosts that use it. */
async function program(): Promise<StackOutputs> {
  const config = loadConfig();
  // Before any resource: nothing is made for hosts that are not who they were, or by a token that cannot finish.
  const address = preflight(config, deployingToken()).then(({ workersSubdomain }) =>
    workerAddress(config, workersSubdomain),
  );
  const [workerUrl, looks] = await Promise.all([address, lookAtHosts(config, address)]);

  const { accountId, providers } = config;
  const provider = new OpenClawProvider("openclaw", config);
  const claim = await claimGateway({ accountId, settings: config.gateway }, { provider });
  const keySecrets = new KeySecrets("key", { accountId, gatewayId: config.gateway.id, providers }, provider);
  const gateway = createGateway(
    { accountId, settings: config.gateway, claim, storeId: keySecrets.storeId },
    // Destroyed before the secrets that it uses.
    { dependsOn: keySecrets },
  );
  const gatewayId = gateway.id;
  const gatewayUrl = gatewayEndpoint(config.gateway.url, accountId, gateway);
  const storedKeys = createProviderConfigs({ accountId, gatewayId, providers, keySecrets }, provider);
  const routes = createRoutes({ accountId, gatewayId, routes: config.routes, storedKeys }, provider);
  const runToken = new RunToken("run", {
    accountId,
    tokenName: config.worker.name,
    // Its `/compat` takes `workers-ai/@cf/…` whatever the routes do, so the token always reads Workers AI.
    usesWorkersAi: true,
    settings: config.runToken,
    gatewayUrl,
    provider,
  });
  const keyTrials = config.preflight.providerKeys
    ? tryProviderKeys({ gatewayUrl, runToken: runToken.value, providers, provider })
    : [];
  const hostTokens = createHostTokens(config.hosts);
  const worker = new ProxyWorker(
    "worker",
    {
      accountId,
      scriptName: config.worker.name,
      gatewayId,
      gatewayUrl: config.gateway.url,
      providers,
      unifiedBilling: !config.gateway.byokOnly,
      settings: config.worker,
      workersSubdomain: createWorkersSubdomain("workers-subdomain", config, provider),
      runToken: runToken.value,
      hostTokens,
    },
    // It leaves a provider's key to the gateway only when the gateway has it.
    { dependsOn: [...storedKeys.values()] },
  );
  runToken.drain([worker]);

  // Everything at Cloudflare, so that destroy restores the hosts while their requests are still answered.
  const dependsOn: pulumi.Resource[] = [
    gateway,
    ...storedKeys.values(),
    ...routes.all,
    runToken,
    worker,
    ...keyTrials,
  ];
  const hosts = createHosts(config, { workerUrl, hostTokens, looks, provider, dependsOn });

  return stackOutputs({
    config,
    workerUrl,
    gatewayId,
    gatewayUrl,
    routes,
    ...hosts,
  });
}

export = program;
