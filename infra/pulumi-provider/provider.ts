import { version } from "../../package.json";
import { unlessAbsent } from "./api-errors";
import { DrainHandler } from "./drain";
import { DynamicRouteHandler } from "./dynamic-route";
import { GatewayClaimHandler, type GatewayExists } from "./gateway-claim";
import type { ProviderSettings, ResourceHandler } from "./handler";
import { ProviderKeyTrialHandler } from "./provider-key-trial";
import { RoutesApi } from "./routes-api";
import { RunTokenTrialHandler } from "./run-token-trial";
import type { Provider } from "./server";
import { type SubdomainApi, WorkersSubdomainHandler } from "./workers-subdomain";

/** The project's own provider: what the official one cannot do right, over the official `cloudflare` SDK. */
export class OpenClawPlugin implements Provider {
  readonly version = version;
  readonly #handlers: ReadonlyMap<string, ResourceHandler>;
  #settings: ProviderSettings = {};

  constructor() {
    const openRoutes = async (accountId: string, gatewayId: string) =>
      new RoutesApi(this.#client(), accountId, gatewayId);
    this.#handlers = new Map<string, ResourceHandler>([
      ["openclaw:index:DynamicRoute", new DynamicRouteHandler(openRoutes)],
      ["openclaw:index:GatewayClaim", new GatewayClaimHandler(this.#gatewayExists)],
      ["openclaw:index:RunTokenTrial", new RunTokenTrialHandler()],
      ["openclaw:index:ProviderKeyTrial", new ProviderKeyTrialHandler()],
      ["openclaw:index:Drain", new DrainHandler()],
      ["openclaw:index:WorkersSubdomain", new WorkersSubdomainHandler(this.#subdomain)],
    ]);
  }

  configure(settings: ProviderSettings): void {
    this.#settings = settings;
  }

  handler(type: string): ResourceHandler | undefined {
    return this.#handlers.get(type);
  }

  readonly #gatewayExists: GatewayExists = async (account_id, gatewayId) =>
    (await unlessAbsent(() => this.#client().aiGateway.get(gatewayId, { account_id }))) !== undefined;

  readonly #subdomain: SubdomainApi = {
    get: async (account_id) =>
      (await unlessAbsent(() => this.#client().workers.subdomains.get({ account_id })))?.subdomain,
    set: async (account_id, subdomain) => {
      await this.#client().workers.subdomains.update({ account_id, subdomain });
    },
  };

  /** Loaded at the first call that needs the network: an unchanged preview needs none, and the SDK loads slowly. */
  #client() {
    const { Cloudflare } = require("cloudflare") as typeof import("cloudflare");
    const { apiToken, baseUrl } = this.#settings;
    return new Cloudflare({
      // Left out, the SDK takes CLOUDFLARE_API_TOKEN and CLOUDFLARE_BASE_URL, as the official provider does.
      ...(apiToken === undefined ? {} : { apiToken }),
      ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
    });
  }
}
