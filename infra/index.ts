import * as pulumi from "@pulumi/pulumi";
import { workerAddress } from "./cloudflare/address";
import { createProviderConfigs, KeySecrets } from "./cloudflare/byok";
import { claimGateway, createGateway, gatewayEndpoint } from "./cloudflare/gateway";
import { tryProviderKeys } from "./cloudflare/key-trials";
import { createRoutes } from "./cloudflare/routes";
import { RunToken, runTokenName } from "./cloudflare/run-token";
import { deployingToken, loadConfig, type StackConfig } from "./config";
import { lookAtHosts } from "./host-looks";
import { gatewayAddress } from "./host-settings";
import { createHosts } from "./hosts";
import { createWorkerAccess, type HostsAccess } from "./hosts-access";
import { type StackOutputs, stackOutputs } from "./outputs";
import { preflight } from "./preflight";
import { OpenClawProvider } from "./pulumi-provider/resources";

/** Configuration, then what lives at Cloudflare, then the hosts that use it. */
async function program(): Promise<StackOutputs> {
  const config = loadConfig();
  // Before any resource: nothing is made for hosts that are not who they were, or by a token that cannot finish.
  const address = preflight(config, deployingToken()).then(({ workersSubdomain }) =>
    config.access === "direct" ? gatewayAddress(config) : workerAddress(config, workersSubdomain),
  );
  const [url, looks] = await Promise.all([address, lookAtHosts(config, address)]);
  reportUnused(config);

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
    tokenName: runTokenName(config),
    // Its `/compat` takes `workers-ai/@cf/…` whatever the routes do, so the token always reads Workers AI.
    usesWorkersAi: true,
    settings: config.runToken,
    gatewayUrl,
    provider,
  });
  const keyTrials = config.preflight.providerKeys
    ? tryProviderKeys({ gatewayUrl, runToken: runToken.value, providers, provider })
    : [];
  const access: HostsAccess =
    config.access === "direct"
      ? { kind: "direct", url, runToken: runToken.value }
      : createWorkerAccess(config, {
          url,
          gatewayId,
          runToken: runToken.value,
          // The Worker leaves a provider's key to the gateway only when the gateway has it.
          dependsOn: [...storedKeys.values()],
          provider,
        });

  // Everything at Cloudflare, so that destroy restores the hosts while their requests are still answered.
  const dependsOn: pulumi.Resource[] = [
    gateway,
    ...storedKeys.values(),
    ...routes.all,
    runToken.trial,
    ...(access.kind === "worker" ? [access.worker] : []),
    ...keyTrials,
  ];
  const hosts = createHosts(config, { access, looks, provider, dependsOn });
  runToken.drain(access.kind === "worker" ? [access.worker] : hosts.applies);

  return stackOutputs({ config, access, gatewayId, gatewayUrl, routes, ...hosts });
}

/** Said at every run, because a limit of the Worker that is still configured looks as if it were in force. */
function reportUnused({ unused }: StackConfig): void {
  if (unused.length === 0) return;
  void pulumi.log.warn(`access is direct, so these settings have no effect: ${unused.join(", ")}`);
}

export = program;
