import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";
import { DynamicRoute, type OpenClawProvider, type ProviderConfig } from "../pulumi-provider/resources";
import { type RouteElement, routeWarnings } from "./route";

export interface RoutesArgs {
  readonly accountId: pulumi.Input<string>;
  readonly gatewayId: pulumi.Input<string>;
  readonly routes: StackConfig["routes"];
  /** The keys stored at the gateway, by provider slug. */
  readonly storedKeys: ReadonlyMap<string, ProviderConfig>;
}

export interface DynamicRoutes {
  readonly default: DynamicRoute;
  /** By the key in the configuration. */
  readonly byKey: Readonly<Record<string, DynamicRoute>>;
  readonly all: readonly DynamicRoute[];
}

/** Makes every configured route; each waits for the stored keys that its models need. */
export function createRoutes(
  { accountId, gatewayId, routes, storedKeys }: RoutesArgs,
  provider: OpenClawProvider,
): DynamicRoutes {
  const create = ({ key, name, elements, adopt, version }: StackConfig["routes"][number]) => {
    const route = new DynamicRoute(
      `route-${key}`,
      { accountId, gatewayId, name, elements, adopt, ...(version === undefined ? {} : { version }) },
      { provider, dependsOn: keysFor(elements, storedKeys) },
    );
    for (const { problem } of routeWarnings(elements)) {
      void pulumi.log.warn(`routes.${key}: ${problem}`, route);
    }
    return route;
  };
  const [first, ...others] = routes;
  const all = [create(first), ...others.map(create)] as const;
  const byKey = routes.map(({ key }, index) => [key, all[index]]);
  return { default: all[0], byKey: Object.fromEntries(byKey), all };
}

function keysFor(
  elements: readonly RouteElement[],
  storedKeys: ReadonlyMap<string, ProviderConfig>,
): ProviderConfig[] {
  const slugs = elements.flatMap((element) => (element.type === "model" ? element.properties.provider : []));
  return [...new Set(slugs)].flatMap((slug) => storedKeys.get(slug) ?? []);
}
