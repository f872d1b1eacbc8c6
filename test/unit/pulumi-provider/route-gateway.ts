import { Cloudflare } from "cloudflare";
import { oneModelRoute, type RouteElement } from "../../../infra/cloudflare/route";
import { DynamicRouteHandler } from "../../../infra/pulumi-provider/dynamic-route";
import type { Properties } from "../../../infra/pulumi-provider/handler";
import { RoutesApi } from "../../../infra/pulumi-provider/routes-api";
import { type LocalCloudflare, startLocalCloudflare } from "../../../scripts/local/cloudflare";

export const KIMI = oneModelRoute("@cf/moonshotai/kimi-k2.6");
export const LLAMA = oneModelRoute("@cf/meta/llama-3.1-8b-instruct");

/** A gateway of its own for each test, with a handler for its routes. */
export class RouteGateway {
  cloudflare!: LocalCloudflare;
  /** Without retries of its own. */
  client!: Cloudflare;
  id = "";
  readonly warnings: string[] = [];
  readonly reporter = { warn: (message: string) => void this.warnings.push(message) };
  #count = 0;

  async start(): Promise<void> {
    this.cloudflare = await startLocalCloudflare({ providerKeys: {} });
    const { apiToken, apiUrl } = this.cloudflare;
    this.client = new Cloudflare({ apiToken, baseURL: apiUrl, maxRetries: 0 });
  }

  async next(): Promise<void> {
    this.warnings.length = 0;
    this.id = `gateway-${++this.#count}`;
    await this.client.aiGateway.create({
      account_id: this.cloudflare.accountId,
      id: this.id,
      cache_invalidate_on_update: true,
      cache_ttl: 0,
      collect_logs: true,
      rate_limiting_interval: 0,
      rate_limiting_limit: 0,
    });
  }

  newHandler = (): DynamicRouteHandler =>
    new DynamicRouteHandler((account, gateway) => new RoutesApi(this.client, account, gateway));

  inputs = (changes: Properties = {}): Properties => ({
    accountId: this.cloudflare.accountId,
    gatewayId: this.id,
    name: "main",
    elements: KIMI,
    adopt: false,
    ...changes,
  });

  scope = () => ({ account_id: this.cloudflare.accountId, gateway_id: this.id });

  /** Routes of the gateway, as the emulated account keeps them. */
  routes = () => this.cloudflare.objects().routes.filter((route) => route.gatewayId === this.id);

  /** The graph that serves. */
  deployed = async (id: string): Promise<unknown> => {
    const route = await this.client.aiGateway.dynamicRouting.get(id, this.scope());
    return (route as unknown as { version: { data: unknown } }).version.data;
  };

  /** A route that somebody else made. */
  foreignRoute = async (name: string, elements: RouteElement[] = LLAMA): Promise<string> => {
    const { gateway_id: gateway, ...account } = this.scope();
    return (await this.client.aiGateway.dynamicRouting.create(gateway, { ...account, name, elements })).id;
  };
}

/** For all tests of a file. */
export function useRouteGateway(): RouteGateway {
  const gateway = new RouteGateway();
  beforeAll(() => gateway.start());
  afterAll(() => gateway.cloudflare.close());
  beforeEach(() => gateway.next());
  return gateway;
}
