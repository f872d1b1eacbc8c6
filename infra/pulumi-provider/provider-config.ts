import { explain, isSecretPending } from "./api-errors";
import { makeOnce } from "./attempts";
import type {
  Checked,
  Created,
  Difference,
  Known,
  Patience,
  Properties,
  Read,
  ResourceHandler,
} from "./handler";
import { differing, holdsUnknown, isText, missingTexts } from "./properties";
import type { KeySlot, ProviderConfigs, StoredKeyConfig } from "./provider-configs-api";

/** Opens the stored keys of a gateway. */
export type OpenProviderConfigs = (
  accountId: string,
  gatewayId: string,
  patience: Patience,
) => ProviderConfigs;

interface ConfigInputs extends KeySlot {
  readonly accountId: string;
  readonly gatewayId: string;
  readonly secretId: string;
}

/** Nothing about one can be changed: another value for any of these is another config. */
const INPUTS = ["accountId", "gatewayId", "providerSlug", "alias", "secretId"] as const;

/**
 * `openclaw:index:ProviderConfig`: tells a gateway which secret is its key of a provider. A rotated key is the secret's
 * business. Deleting the gateway takes its configs along, so either order of deletion is fine.
 */
export class ProviderConfigHandler implements ResourceHandler {
  readonly #open: OpenProviderConfigs;

  constructor(open: OpenProviderConfigs) {
    this.#open = open;
  }

  check(inputs: Properties): Checked {
    return { inputs, failures: missingTexts(inputs, INPUTS) };
  }

  async diff(state: Properties, inputs: Properties, { id, reporter }: Known): Promise<Difference> {
    const replaces = differing(INPUTS, inputs, state);
    if (replaces.length > 0 || holdsUnknown(inputs)) return { replaces, updates: [] };
    const { accountId, gatewayId, providerSlug } = inputsOf(inputs);
    const said = `The key of ${providerSlug} stored at gateway '${gatewayId}'`;
    try {
      const config = await this.#open(accountId, gatewayId, "look").find((one) => one.id === id);
      if (config?.isDefault) return { replaces, updates: [] };
      const what = config === undefined ? "deleted" : "made to serve by its alias alone,";
      reporter.warn(`${said} was ${what} outside of this stack; it is stored again.`);
      return { replaces: ["alias"], updates: [] };
    } catch (error) {
      const { message } = explain(`${said} could not be looked up`, error);
      reporter.warn(`${message}. Changes that were made outside of this stack do not show.`);
      return { replaces, updates: [] };
    }
  }

  async create(properties: Properties): Promise<Created> {
    const inputs = inputsOf(properties);
    const { accountId, gatewayId, providerSlug, secretId } = inputs;
    const configs = this.#open(accountId, gatewayId, "work");
    const doing = `The key of ${providerSlug} could not be stored at gateway '${gatewayId}'`;
    const there = await configs.findSlot(inputs).catch((error: unknown) => {
      throw explain(doing, error);
    });
    const isOurs = (config: StoredKeyConfig) => config.secretId === secretId && config.isDefault;
    if (there !== undefined && !isOurs(there)) throw new Error(refusal(inputs));
    const id =
      there?.id ??
      (await makeOnce(
        () => configs.create(inputs, secretId),
        async () => (await configs.findSlot(inputs))?.id,
        isSecretPending,
      ).catch((error: unknown) => {
        throw explain(doing, error);
      }));
    return { id, outputs: { ...inputs } };
  }

  async read(id: string, state: Properties): Promise<Read | undefined> {
    const { accountId, gatewayId } = state;
    if (!isText(accountId) || !isText(gatewayId)) return undefined;
    const config = await this.#open(accountId, gatewayId, "work").find((one) => one.id === id);
    if (config === undefined) return undefined;
    const { providerSlug, alias, secretId } = config;
    const found = { accountId, gatewayId, providerSlug, alias, secretId };
    return { id, inputs: found, outputs: found };
  }

  async update(_id: string, state: Properties): Promise<Properties> {
    return state;
  }

  async delete(id: string, state: Properties): Promise<void> {
    const { accountId, gatewayId } = state;
    if (!isText(accountId) || !isText(gatewayId)) return;
    await this.#open(accountId, gatewayId, "work")
      .delete(id)
      .catch((error: unknown) => {
        const key = `The key of ${String(state.providerSlug)}`;
        throw explain(`${key} could not be removed from gateway '${gatewayId}'`, error);
      });
  }
}

function inputsOf(properties: Properties): ConfigInputs {
  const { accountId, gatewayId, providerSlug, alias, secretId } = properties;
  if (
    !isText(accountId) ||
    !isText(gatewayId) ||
    !isText(providerSlug) ||
    !isText(alias) ||
    !isText(secretId)
  ) {
    throw new Error("The inputs of this stored key have not been checked.");
  }
  return { accountId, gatewayId, providerSlug, alias, secretId };
}

function refusal({ gatewayId, providerSlug, alias }: ConfigInputs): string {
  return (
    `Gateway '${gatewayId}' already has a key of ${providerSlug} under the alias '${alias}' that this stack did not store. ` +
    `Use that one (pulumi config rm --path providers.${providerSlug}.keyStore; pulumi config rm --path ` +
    `providers.${providerSlug}.apiKey; pulumi config set --path providers.${providerSlug}.byokAlias ${alias}), store another ` +
    `beside it (pulumi config set --path providers.${providerSlug}.byokAlias <other alias>), or remove it in the dashboard ` +
    "(AI Gateway > the gateway > Provider Keys)."
  );
}
