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
  /**
   * The id of one of the route's versions, which then serves in place of `elements`: how a change is taken back.
   * @default the version with `elements` serves
   */
  readonly version?: pulumi.Input<string>;
}

/**
 * A dynamic route of an AI Gateway. A changed graph becomes a new version of the same route, which is then deployed;
 * account and gateway replace it. Imported by `<account id>/<gateway id>/<route id>`.
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
  declare readonly version: pulumi.Output<string | undefined>;
  /** The version that serves. */
  declare readonly versionId: pulumi.Output<string>;
  /** A newer version that does not serve; empty when there is none. */
  declare readonly draftVersionId: pulumi.Output<string>;

  constructor(name: string, args: DynamicRouteArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { adopted: undefined, versionId: undefined, draftVersionId: undefined };
    super(`${PACKAGE}:index:DynamicRoute`, name, { adopt: false, ...args, ...outputs }, opts);
  }
}

export interface GatewayClaimArgs {
  readonly accountId: pulumi.Input<string>;
  readonly gatewayId: pulumi.Input<string>;
  /** Whether a gateway that is there already is taken over. */
  readonly adopt: pulumi.Input<boolean>;
  /**
   * Whether the gateway outlives the stack.
   * @default whether it was there before
   */
  readonly retained?: pulumi.Input<boolean> | undefined;
}

/**
 * Says whose gateway an id stands for, at preview as well. One that is there already and was not made by this stack is
 * refused, unless it is to be adopted.
 */
export class GatewayClaim extends pulumi.CustomResource {
  /** Whether the gateway was there before the stack. */
  declare readonly existing: pulumi.Output<boolean>;
  declare readonly retained: pulumi.Output<boolean>;

  constructor(name: string, args: GatewayClaimArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      `${PACKAGE}:index:GatewayClaim`,
      name,
      { ...args, retained: args.retained, existing: undefined },
      opts,
    );
  }
}

export interface RunTokenTrialArgs {
  /** Address of the gateway, with account and id. */
  readonly gatewayUrl: pulumi.Input<string>;
  /** Secret. */
  readonly token: pulumi.Input<string>;
}

/** A run token that the gateway accepts. */
export class RunTokenTrial extends pulumi.CustomResource {
  /** Secret. The token, once it was accepted. */
  declare readonly token: pulumi.Output<string>;

  constructor(name: string, { gatewayUrl, token }: RunTokenTrialArgs, opts?: pulumi.CustomResourceOptions) {
    const additionalSecretOutputs = ["token"];
    super(
      `${PACKAGE}:index:RunTokenTrial`,
      name,
      { gatewayUrl, token: pulumi.secret(token) },
      { ...opts, additionalSecretOutputs },
    );
  }
}

export interface ProviderKeyTrialArgs {
  /** Address of the gateway, with account and id. */
  readonly gatewayUrl: pulumi.Input<string>;
  /** Secret. */
  readonly runToken: pulumi.Input<string>;
  /** The provider, by its slug at the gateway. */
  readonly slug: string;
  /** Secret. */
  readonly apiKey: pulumi.Input<string>;
}

/** A provider key that the provider does not refuse. */
export class ProviderKeyTrial extends pulumi.CustomResource {
  /** Why the key could not be tried; empty when the provider accepted it. */
  declare readonly untried: pulumi.Output<string>;

  constructor(name: string, args: ProviderKeyTrialArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { runToken: pulumi.secret(args.runToken), apiKey: pulumi.secret(args.apiKey) };
    const additionalSecretOutputs = Object.keys(secrets);
    super(
      `${PACKAGE}:index:ProviderKeyTrial`,
      name,
      { ...args, ...secrets, untried: undefined },
      { ...opts, additionalSecretOutputs },
    );
  }
}

export interface DrainArgs {
  /** What is in use: another value starts the wait. */
  readonly of: pulumi.Input<string>;
  /** How long what it replaces stays. */
  readonly seconds: pulumi.Input<number>;
}

/** Keeps what this run replaces for a while longer: the engine deletes it when everything else is done. */
export class Drain extends pulumi.CustomResource {
  constructor(name: string, args: DrainArgs, opts?: pulumi.CustomResourceOptions) {
    super(`${PACKAGE}:index:Drain`, name, { ...args }, opts);
  }
}

export interface HostDriftArgs {
  /** What was found on the host that is not as the last apply left it; empty when all is. */
  readonly drift: readonly string[];
}

/** Counts how often a host was found changed by somebody else. Whoever takes the count runs again with each. */
export class HostDrift extends pulumi.CustomResource {
  declare readonly epoch: pulumi.Output<number>;

  constructor(name: string, { drift }: HostDriftArgs, opts?: pulumi.CustomResourceOptions) {
    super(`${PACKAGE}:index:HostDrift`, name, { drift, epoch: undefined }, opts);
  }
}

export interface WorkersSubdomainArgs {
  readonly accountId: pulumi.Input<string>;
  /** The name to make where the account has none. */
  readonly wanted: pulumi.Input<string>;
}

/** The account's name at workers.dev, made where there is none and never deleted. */
export class WorkersSubdomain extends pulumi.CustomResource {
  declare readonly subdomain: pulumi.Output<string>;
  declare readonly createdByUs: pulumi.Output<boolean>;

  constructor(name: string, args: WorkersSubdomainArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { subdomain: undefined, createdByUs: undefined };
    super(`${PACKAGE}:index:WorkersSubdomain`, name, { ...args, ...outputs }, opts);
  }
}

export interface SecretsStoreArgs {
  readonly accountId: pulumi.Input<string>;
}

/** The account's Secrets Store: found, or made if there is none. Other stacks use it, so it is never deleted. */
export class SecretsStore extends pulumi.CustomResource {
  declare readonly accountId: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** Whether this stack made it; for the operator to know, who alone may delete it. */
  declare readonly createdByUs: pulumi.Output<boolean>;

  constructor(name: string, args: SecretsStoreArgs, opts?: pulumi.CustomResourceOptions) {
    super(`${PACKAGE}:index:SecretsStore`, name, { ...args, name: undefined, createdByUs: undefined }, opts);
  }
}

export interface ProviderConfigArgs {
  readonly accountId: pulumi.Input<string>;
  readonly gatewayId: pulumi.Input<string>;
  /** AI Gateway's slug of the provider. */
  readonly providerSlug: pulumi.Input<string>;
  /** Tells the keys of one provider apart. */
  readonly alias: pulumi.Input<string>;
  /**
   * The secret with the key, in the gateway's own store, with the scope `ai_gateway` and the name
   * `<gateway id>_<provider slug>_<alias>`: the gateway finds it under no other.
   */
  readonly secretId: pulumi.Input<string>;
}

/** A key of a provider that the gateway uses by itself (BYOK). Every change replaces it. */
export class ProviderConfig extends pulumi.CustomResource {
  declare readonly accountId: pulumi.Output<string>;
  declare readonly gatewayId: pulumi.Output<string>;
  declare readonly providerSlug: pulumi.Output<string>;
  declare readonly alias: pulumi.Output<string>;
  declare readonly secretId: pulumi.Output<string>;

  constructor(name: string, args: ProviderConfigArgs, opts?: pulumi.CustomResourceOptions) {
    super(`${PACKAGE}:index:ProviderConfig`, name, { ...args }, opts);
  }
}
