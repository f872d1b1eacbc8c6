import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { EnabledProvider } from "../config";
import { type OpenClawProvider, ProviderConfig, SecretsStore } from "../pulumi-provider/resources";

export interface KeySecretsArgs {
  readonly accountId: string;
  /** As configured: the secrets are there before the gateway. */
  readonly gatewayId: string;
  readonly providers: readonly EnabledProvider[];
}

/**
 * The provider keys that the gateway is to hold, in the account's Secrets Store. A rotated key changes the value of its
 * secret and nothing else.
 */
export class KeySecrets extends pulumi.ComponentResource {
  /** The store; none when no key is stored, and then the stack touches no Secrets Store at all. */
  readonly storeId: pulumi.Output<string> | undefined;
  /** By provider slug. */
  readonly secrets: ReadonlyMap<string, cloudflare.SecretsStoreSecret>;

  constructor(
    name: string,
    { accountId, gatewayId, providers }: KeySecretsArgs,
    provider: OpenClawProvider,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("openclaw-ai-gateway:cloudflare:KeySecrets", name, {}, opts);
    const keys = storedKeys(providers);
    const store =
      keys.length === 0
        ? undefined
        : new SecretsStore(`${name}-store`, { accountId }, { parent: this, provider });
    this.storeId = store?.id;
    const secrets = keys.flatMap(({ slug, alias, value }): [string, cloudflare.SecretsStoreSecret][] => {
      if (store === undefined) return [];
      const args = {
        accountId,
        storeId: store.id,
        // The gateway looks for its key under this name alone.
        name: `${gatewayId}_${slug}_${alias}`,
        scopes: ["ai_gateway"],
        value: pulumi.secret(value),
      };
      const secret = new cloudflare.SecretsStoreSecret(`${name}-${slug}`, args, { parent: this });
      return [[slug, secret]];
    });
    this.secrets = new Map(secrets);
    this.registerOutputs({});
  }
}

export interface ProviderConfigsArgs {
  readonly accountId: string;
  readonly gatewayId: pulumi.Input<string>;
  readonly providers: readonly EnabledProvider[];
  readonly keySecrets: KeySecrets;
}

/** Tells the gateway which secret is its key of which provider. By provider slug. */
export function createProviderConfigs(
  { accountId, gatewayId, providers, keySecrets }: ProviderConfigsArgs,
  provider: OpenClawProvider,
): ReadonlyMap<string, ProviderConfig> {
  const configs = storedKeys(providers).flatMap(({ slug, alias }): [string, ProviderConfig][] => {
    const secretId = keySecrets.secrets.get(slug)?.id;
    if (secretId === undefined) return [];
    const args = { accountId, gatewayId, providerSlug: slug, alias, secretId };
    return [[slug, new ProviderConfig(`stored-key-${slug}`, args, { provider })]];
  });
  return new Map(configs);
}

function storedKeys(providers: readonly EnabledProvider[]) {
  return providers.flatMap(({ provider: { slug }, storedKey }) =>
    storedKey === undefined ? [] : [{ slug, ...storedKey }],
  );
}
