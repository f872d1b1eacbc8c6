import { version } from "../../package.json";
import { DynamicRouteHandler } from "./dynamic-route";
import type { ProviderSettings, ResourceHandler } from "./handler";
import { RoutesApi } from "./routes-api";
import type { Provider } from "./server";

/** The project's own provider: what the official one cannot do right, over the official `cloudflare` SDK. */
export class OpenClawPlugin implements Provider {
  readonly version = version;
  readonly #handlers: ReadonlyMap<string, ResourceHandler>;
  #settings: ProviderSettings = {};

  constructor() {
    const openRoutes = async (accountId: string, gatewayId: string) =>
      new RoutesApi(this.#client(), accountId, gatewayId);
    this.#handlers = new Map([["openclaw:index:DynamicRoute", new DynamicRouteHandler(openRoutes)]]);
  }

  configure(settings: ProviderSettings): void {
    this.#settings = settings;
  }

  handler(type: string): ResourceHandler | undefined {
    return this.#handlers.get(type);
  }

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
