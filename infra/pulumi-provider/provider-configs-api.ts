import type { Cloudflare } from "cloudflare";
import { isAbsent, unlessAbsent } from "./api-errors";

/** Which key of which provider a gateway holds. */
export interface KeySlot {
  /** AI Gateway's slug. */
  readonly providerSlug: string;
  /** Tells the keys of one provider apart. */
  readonly alias: string;
}

/** A key stored at a gateway; the value is a secret of the account's Secrets Store. */
export interface StoredKeyConfig extends KeySlot {
  readonly id: string;
  readonly secretId: string;
  /** Whether it is used when a request names no alias. */
  readonly isDefault: boolean;
}

/**
 * The stored keys (BYOK) of one gateway, over the official SDK. There is one for each provider and alias; none can be
 * changed or read alone.
 */
export class ProviderConfigs {
  readonly #client: Cloudflare;
  readonly #scope: { readonly account_id: string };
  readonly #gatewayId: string;

  constructor(client: Cloudflare, accountId: string, gatewayId: string) {
    this.#client = client;
    this.#scope = { account_id: accountId };
    this.#gatewayId = gatewayId;
  }

  /** Also undefined when the gateway is gone, whose list is then empty. */
  async find(matches: (config: StoredKeyConfig) => boolean): Promise<StoredKeyConfig | undefined> {
    try {
      const list = this.#client.aiGateway.providerConfigs.list(this.#gatewayId, {
        ...this.#scope,
        per_page: 50,
      });
      for await (const config of list) {
        const { id, provider_slug: providerSlug, alias, secret_id: secretId } = config;
        // The type says boolean, the API answers with a number.
        const found = { id, providerSlug, alias, secretId, isDefault: Boolean(config.default_config) };
        if (matches(found)) return found;
      }
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    return undefined;
  }

  findSlot({ providerSlug, alias }: KeySlot): Promise<StoredKeyConfig | undefined> {
    return this.find((config) => config.providerSlug === providerSlug && config.alias === alias);
  }

  async create({ providerSlug, alias }: KeySlot, secretId: string): Promise<string> {
    const config = await this.#client.aiGateway.providerConfigs.create(
      this.#gatewayId,
      { ...this.#scope, provider_slug: providerSlug, alias, secret_id: secretId, default_config: true },
      // The answer to a first attempt that worked may have been lost on the way.
      { maxRetries: 0 },
    );
    return config.id;
  }

  /** The SDK has no method for it; the API's OpenAPI document has the call. Nothing to delete is fine. */
  async delete(id: string): Promise<void> {
    const { account_id } = this.#scope;
    const path = `/accounts/${account_id}/ai-gateway/gateways/${this.#gatewayId}/provider_configs/${id}`;
    await unlessAbsent(() => this.#client.delete(path));
  }
}
