import { explain } from "./api-errors";
import type { Checked, Created, Difference, Properties, Read, ResourceHandler } from "./handler";
import type { WorkersSubdomainApi } from "./workers-subdomain-api";

/** Opens the name of an account. */
export type OpenWorkersSubdomain = (accountId: string) => Pick<WorkersSubdomainApi, "get" | "set">;

/**
 * `openclaw:index:WorkersSubdomain`: an account has one name at workers.dev, which all of its Workers share. It is made
 * where there is none, taken as it is where there is one, and never deleted: other Workers may use it by then.
 */
export class WorkersSubdomainHandler implements ResourceHandler {
  readonly #open: OpenWorkersSubdomain;

  constructor(open: OpenWorkersSubdomain) {
    this.#open = open;
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
    const api = this.#open(accountId);
    try {
      const before = await api.get();
      if (before === undefined) await api.set(wanted);
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
    const subdomain = await this.#open(id).get();
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
