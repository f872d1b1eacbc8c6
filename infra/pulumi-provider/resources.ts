import * as pulumi from "@pulumi/pulumi";
import type { RouteElement } from "../cloudflare/route";

/** The name of the plugin; `Pulumi.yaml` says where it lies. */
const PACKAGE = "openclaw";

export interface OpenClawProviderArgs {
  /** Secret. @default `CLOUDFLARE_API_TOKEN` of the environment */
  readonly apiToken?: pulumi.Input<string> | undefined;
  /** Address of the Cloudflare API. @default `CLOUDFLARE_BASE_URL` of the environment, else the real one */
  readonly baseUrl?: pulumi.Input<string> | undefined;
}

/** Access of the project's own resources to Cloudflare. */
export class OpenClawProvider extends pulumi.ProviderResource {
  constructor(name: string, args: OpenClawProviderArgs, opts?: pulumi.ResourceOptions) {
    const { apiToken, baseUrl } = args;
    const secret = apiToken === undefined ? undefined : pulumi.secret(apiToken);
    super(PACKAGE, name, { apiToken: secret, baseUrl }, opts);
  }
}

export interface DynamicRouteArgs {
  readonly accountId: pulumi.Input<string>;
  readonly gatewayId: pulumi.Input<string>;
  /** Callers ask for the model `dynamic/<name>`. */
  readonly name: pulumi.Input<string>;
  readonly elements: pulumi.Input<readonly RouteElement[]>;
  /**
   * Take over a route of this name that is there already. It is then kept when the resource is deleted.
   * @default false: a route that somebody else made is refused
   */
  readonly adopt?: pulumi.Input<boolean>;
}

/**
 * A dynamic route of an AI Gateway. A changed graph becomes a new version of the same route, which is then deployed;
 * account and gateway replace it.
 */
export class DynamicRoute extends pulumi.CustomResource {
  // `declare`: a field definition would overwrite what the base class has set.
  declare readonly accountId: pulumi.Output<string>;
  declare readonly gatewayId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** The graph that serves. */
  declare readonly elements: pulumi.Output<RouteElement[]>;
  declare readonly adopt: pulumi.Output<boolean>;
  /** Whether the route was there before, so that deleting the resource leaves it. */
  declare readonly adopted: pulumi.Output<boolean>;
  /** The version that serves. */
  declare readonly versionId: pulumi.Output<string>;

  constructor(name: string, args: DynamicRouteArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { adopted: undefined, versionId: undefined };
    super(`${PACKAGE}:index:DynamicRoute`, name, { adopt: false, ...args, ...outputs }, opts);
  }
}
