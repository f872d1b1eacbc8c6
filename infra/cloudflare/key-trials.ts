import * as pulumi from "@pulumi/pulumi";
import type { EnabledProvider } from "../config";
import { type OpenClawProvider, ProviderKeyTrial } from "../pulumi-provider/resources";

export interface KeyTrialsArgs {
  /** Address of the gateway, with account and id. */
  readonly gatewayUrl: pulumi.Input<string>;
  /** Secret. */
  readonly runToken: pulumi.Output<string>;
  readonly providers: readonly EnabledProvider[];
  /** The project's own provider. */
  readonly provider: OpenClawProvider;
}

/**
 * Tries every provider key that has a free call for it. Through the gateway, and so during `up`: a preview depends on
 * no vendor, keys go nowhere but where they will go anyway, and what is tried is the path that requests take. A key
 * that is refused ends the run before the first host is touched; a vendor that cannot be reached is a warning.
 */
export function tryProviderKeys({ providers, provider, ...args }: KeyTrialsArgs): ProviderKeyTrial[] {
  return providers.flatMap(({ provider: { keyTrial, name, slug }, apiKey: workerKey, storedKey }) => {
    const apiKey = workerKey ?? storedKey?.value;
    if (keyTrial === undefined || apiKey === undefined) return [];
    const trial = new ProviderKeyTrial(`provider-key-${slug}`, { ...args, slug, apiKey }, { provider });
    trial.untried.apply((why) => {
      if (why !== "") void pulumi.log.warn(`${name}'s key could not be tried: ${why}`, trial);
    });
    return [trial];
  });
}
