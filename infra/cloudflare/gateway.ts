import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";
import { GatewayClaim } from "../pulumi-provider/resources";
import { idInState } from "../stack-state";
import { describePolicy } from "./gateway-policy";
import { gatewaySettings } from "./gateway-settings";

type Settings = StackConfig["gateway"];

/** The gateway's name in the state. `pulumi import` needs it too, so it never changes. */
export const GATEWAY_NAME = "gateway";
const GATEWAY_TYPE = "cloudflare:index/aiGateway:AiGateway";

/** An AI Gateway that answers authenticated requests alone. */
export interface GatewayArgs {
  readonly accountId: string;
  readonly settings: Settings;
  readonly claim: ClaimedGateway;
  /** The Secrets Store with the provider keys that the gateway holds. */
  readonly storeId?: pulumi.Input<string> | undefined;
}

/** A gateway that the stack may have. */
export interface ClaimedGateway {
  /** What remembers whose it is. The gateway depends on it: whatever keeps the one keeps the other. */
  readonly resource: pulumi.Resource;
  /** Whether it is there already, and not in the state yet: it is imported instead of made. */
  readonly toImport: boolean;
  /** Whether it outlives the stack. */
  readonly retained: boolean;
}

export function createGateway(
  { accountId, settings, claim, storeId }: GatewayArgs,
  opts?: pulumi.CustomResourceOptions,
): cloudflare.AiGateway {
  const gateway = new cloudflare.AiGateway(
    GATEWAY_NAME,
    {
      accountId,
      aiGatewayId: settings.id,
      ...gatewaySettings(settings),
      otels: settings.otels ?? [],
      ...(settings.stripe === undefined ? {} : { stripe: settings.stripe }),
      ...(storeId === undefined ? {} : { storeId }),
    },
    pulumi.mergeOptions(
      {
        protect: settings.protect,
        retainOnDelete: claim.retained,
        dependsOn: [claim.resource],
        ...(claim.toImport ? { import: `${accountId}/${settings.id}` } : {}),
      },
      opts,
    ),
  );
  if (pulumi.runtime.isDryRun()) void pulumi.log.info(describePolicy(settings, claim.retained), gateway);
  return gateway;
}

/**
 * Makes sure that the gateway of this id is the stack's to have: nobody's yet, its own, or one that it may adopt.
 * Another id is another gateway, which the claim warns of.
 */
export async function claimGateway(
  { accountId, settings }: Pick<GatewayArgs, "accountId" | "settings">,
  opts?: pulumi.CustomResourceOptions,
): Promise<ClaimedGateway> {
  const { id, adopt, retainOnDelete } = settings;
  const resource = new GatewayClaim(
    `${GATEWAY_NAME}-claim`,
    { accountId, gatewayId: id, adopt, retained: retainOnDelete },
    opts,
  );
  const [existing, retained] = await new Promise<[boolean, boolean]>((resolve) => {
    pulumi.all([resource.existing, resource.retained]).apply(resolve);
  });
  // Never for one that the state has: importing it once more would replace it, and delete what it replaces.
  const toImport = existing && adopt && (await idInState(GATEWAY_TYPE, GATEWAY_NAME)) !== id;
  return { resource, toImport, retained };
}

/** Where the gateway answers: the origin, then account and gateway. */
export function gatewayEndpoint(
  url: string,
  accountId: string,
  gateway: cloudflare.AiGateway,
): pulumi.Output<string> {
  return gateway.id.apply((id) => `${url}/v1/${accountId}/${id}`);
}
