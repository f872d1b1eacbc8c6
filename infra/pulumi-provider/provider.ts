import { version } from "../../package.json";
import { unlessAbsent } from "./api-errors";
import { DrainHandler } from "./drain";
import { DynamicRouteHandler, type OpenRoutes } from "./dynamic-route";
import { GatewayClaimHandler, type GatewayExists } from "./gateway-claim";
import type { Patience, ProviderSettings, ResourceHandler } from "./handler";
import { HostDriftHandler } from "./host-drift";
import { type OpenProviderConfigs, ProviderConfigHandler } from "./provider-config";
import { ProviderConfigs } from "./provider-configs-api";
import { ProviderKeyTrialHandler } from "./provider-key-trial";
import { RoutesApi } from "./routes-api";
import { RunTokenTrialHandler } from "./run-token-trial";
import { type OpenSecretsStores, SecretsStoreHandler } from "./secrets-store";
import { SecretsStores } from "./secrets-stores-api";
import type { Provider } from "./server";
import { type OpenWorkersSubdomain, WorkersSubdomainHandler } from "./workers-subdomain";
import { WorkersSubdomainApi } from "./workers-subdomain-api";

/** How long is waited for Cloudflare: a look that may as well fail must not hold up a preview. */
const CLIENT_OPTIONS: Readonly<Record<Patience, { timeout: number; maxRetries: number }>> = {
  look: { timeout: 5_000, maxRetries: 1 },
  work: { timeout: 60_000, maxRetries: 3 },
};

/** The project's own provider: what the official one cannot do right, over the official `cloudflare` SDK. */
export class OpenClawPlugin implements Provider {
  readonly version = version;
  readonly #handlers: ReadonlyMap<string, ResourceHandler>;
  #settings: ProviderSettings = {};

  constructor() {
    const openRoutes: OpenRoutes = (accountId, gatewayId, patience) =>
      new RoutesApi(this.#client(patience), accountId, gatewayId);
    const openConfigs: OpenProviderConfigs = (accountId, gatewayId, patience) =>
      new ProviderConfigs(this.#client(patience), accountId, gatewayId);
    const openStores: OpenSecretsStores = (accountId, patience) =>
      new SecretsStores(this.#client(patience), accountId);
    const openSubdomain: OpenWorkersSubdomain = (accountId) =>
      new WorkersSubdomainApi(this.#client("work"), accountId);
    this.#handlers = new Map<string, ResourceHandler>([
      ["openclaw:index:DynamicRoute", new DynamicRouteHandler(openRoutes)],
      ["openclaw:index:ProviderConfig", new ProviderConfigHandler(openConfigs)],
      ["openclaw:index:SecretsStore", new SecretsStoreHandler(openStores)],
      ["openclaw:index:GatewayClaim", new GatewayClaimHandler(this.#gatewayExists)],
      ["openclaw:index:RunTokenTrial", new RunTokenTrialHandler()],
      ["openclaw:index:ProviderKeyTrial", new ProviderKeyTrialHandler()],
      ["openclaw:index:Drain", new DrainHandler()],
      ["openclaw:index:HostDrift", new HostDriftHandler()],
      ["openclaw:index:WorkersSubdomain", new WorkersSubdomainHandler(openSubdomain)],
    ]);
  }

  configure(settings: ProviderSettings): void {
    this.#settings = settings;
  }

  handler(type: string): ResourceHandler | undefined {
    return this.#handlers.get(type);
  }

  readonly #gatewayExists: GatewayExists = async (account_id, gatewayId) =>
    (await unlessAbsent(() => this.#client("work").aiGateway.get(gatewayId, { account_id }))) !== undefined;

  /** Loaded at the first call that needs the network: the SDK loads slowly. */
  #client(patience: Patience) {
    const { Cloudflare } = require("cloudflare") as typeof import("cloudflare");
    const { apiToken, baseUrl } = this.#settings;
    return new Cloudflare({
      // Left out, the SDK takes CLOUDFLARE_API_TOKEN and CLOUDFLARE_BASE_URL, as the official provider does.
      ...(apiToken === undefined ? {} : { apiToken }),
      ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
      ...CLIENT_OPTIONS[patience],
    });
  }
}
