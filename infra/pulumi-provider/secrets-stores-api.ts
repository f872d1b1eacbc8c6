import type { Cloudflare } from "cloudflare";
import { unlessAbsent } from "./api-errors";

/** A Secrets Store, as far as the stack cares. */
export interface StoreIdentity {
  readonly id: string;
  readonly name: string;
}

/** The Secrets Stores of one account, over the official SDK. */
export class SecretsStores {
  readonly #client: Cloudflare;
  readonly #account: { readonly account_id: string };

  constructor(client: Cloudflare, accountId: string) {
    this.#client = client;
    this.#account = { account_id: accountId };
  }

  /** The account's store, whatever its name: a second one cannot be made. */
  async first(): Promise<StoreIdentity | undefined> {
    for await (const { id, name } of this.#client.secretsStore.stores.list(this.#account))
      return { id, name };
    return undefined;
  }

  async find(storeId: string): Promise<StoreIdentity | undefined> {
    const store = await unlessAbsent(() => this.#client.secretsStore.stores.get(storeId, this.#account));
    return store && { id: store.id, name: store.name };
  }

  async create(name: string): Promise<StoreIdentity> {
    const store = await this.#client.secretsStore.stores.create(
      { ...this.#account, name },
      // The answer to a first attempt that worked may have been lost on the way.
      { maxRetries: 0 },
    );
    return { id: store.id, name: store.name };
  }
}
