import type { Cloudflare } from "cloudflare";
import { unlessAbsent } from "./api-errors";

/** The account's name at workers.dev, over the official SDK. */
export class WorkersSubdomainApi {
  readonly #client: Cloudflare;
  readonly #account: { readonly account_id: string };

  constructor(client: Cloudflare, accountId: string) {
    this.#client = client;
    this.#account = { account_id: accountId };
  }

  /** Undefined when the account has none. */
  async get(): Promise<string | undefined> {
    return (await unlessAbsent(() => this.#client.workers.subdomains.get(this.#account)))?.subdomain;
  }

  async set(subdomain: string): Promise<void> {
    await this.#client.workers.subdomains.update({ ...this.#account, subdomain });
  }
}
