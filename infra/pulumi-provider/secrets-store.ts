import { explain } from "./api-errors";
import { makeOnce } from "./attempts";
import type { Checked, Created, Difference, Patience, Properties, Read, ResourceHandler } from "./handler";
import { differing, isText, missingTexts } from "./properties";
import type { SecretsStores } from "./secrets-stores-api";

/** Opens the stores of an account. */
export type OpenSecretsStores = (accountId: string, patience: Patience) => SecretsStores;

const PERMISSION = "Secrets Store Write";

/** What Cloudflare itself calls the store that it makes for an account. */
const NAME = "default_secrets_store";

/**
 * `openclaw:index:SecretsStore`: the account's Secrets Store, made if there is none. An account has one, which everything
 * in it shares, so it is never changed and never deleted.
 */
export class SecretsStoreHandler implements ResourceHandler {
  readonly #open: OpenSecretsStores;

  constructor(open: OpenSecretsStores) {
    this.#open = open;
  }

  check(inputs: Properties): Checked {
    return { inputs, failures: missingTexts(inputs, ["accountId"]) };
  }

  diff(state: Properties, inputs: Properties): Difference {
    return { updates: [], replaces: differing(["accountId"], state, inputs) };
  }

  async create(inputs: Properties): Promise<Created> {
    const accountId = String(inputs.accountId);
    const stores = this.#open(accountId, "work");
    const there = await stores.first().catch((error: unknown) => {
      throw explain(`The Secrets Store of account ${accountId} could not be looked up`, error, PERMISSION);
    });
    if (there !== undefined)
      return { id: there.id, outputs: { ...inputs, name: there.name, createdByUs: false } };
    const made = await makeOnce(
      () => stores.create(NAME),
      () => stores.first(),
    ).catch((error: unknown) => {
      throw explain(`A Secrets Store could not be made in account ${accountId}`, error, PERMISSION);
    });
    return { id: made.id, outputs: { ...inputs, name: made.name, createdByUs: true } };
  }

  async read(id: string, state: Properties): Promise<Read | undefined> {
    const { accountId } = state;
    if (!isText(accountId)) return undefined;
    const store = await this.#open(accountId, "work").find(id);
    if (store === undefined) return undefined;
    const createdByUs = state.createdByUs ?? false;
    return { id, inputs: { accountId }, outputs: { accountId, name: store.name, createdByUs } };
  }

  async update(_id: string, state: Properties): Promise<Properties> {
    return state;
  }

  /** Other stacks, and people, keep their secrets in it. */
  async delete(): Promise<void> {}
}
