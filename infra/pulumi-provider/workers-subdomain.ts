import { explain } from "./api-errors";
import type { Checked, Created, Difference, Properties, Read, ResourceHandler } from "./handler";

/** The account's name at workers.dev. */
export interface SubdomainApi {
  /** Undefined when the account has none. */
  get(accountId: string): Promise<string | undefined>;
  set(accountId: string, subdomain: string): Promise<void>;
}

/**
 * `openclaw:index:WorkersSubdomain`: an account has one name at workers.dev, which all of its Workers share. It is made
 * where there is none, taken as it is where there is one, and never deleted: other Workers may use it by then.
 */
export class WorkersSubdomainHandler implements ResourceHandler {
  readonly #api: SubdomainApi;

  constructor(api: SubdomainApi) {
    this.#api = api;
  }

  check(inputs: Properties): Checked {
    return { inputs, failures: [] };
  }

  diff(state: Properties, inputs: Properties): Difference {
    return { replaces: inputs.accountId === state.accountId ? [] : ["accountId"], updates: [] };
  }

  async create(inputs: Properties): Promise<Created> {
    const accountId = String(inputs.accountId);
    const wanted = String(inputs.wanted);
    try {
      const before = await this.#api.get(accountId);
      if (before === undefined) await this.#api.set(accountId, wanted);
      const outputs = { ...inputs, subdomain: before ?? wanted, createdByUs: before === undefined };
      return { id: accountId, outputs };
    } catch (error) {
      throw explain(
        `The workers.dev subdomain '${wanted}' could not be made`,
        error,
        "Workers Scripts Write",
      );
    }
  }

  async read(id: string, state: Properties): Promise<Read | undefined> {
    const { accountId, wanted } = state;
    const subdomain = await this.#api.get(id);
    if (subdomain === undefined) return undefined;
    return { id, inputs: { accountId, wanted }, outputs: { ...state, subdomain } };
  }

  async update(_id: string, state: Properties): Promise<Properties> {
    return state;
  }

  async delete(): Promise<void> {
    // Shared by every Worker of the account.
  }
}
