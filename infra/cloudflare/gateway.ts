import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";
import { GatewayClaim } from "../pulumi-provider/resources";
import { describePolicy, describeRename } from "./gateway-policy";

type Settings = StackConfig["gateway"];

/** An AI Gateway that answers authenticated requests alone. */
export interface GatewayArgs {
  readonly accountId: string;
  readonly settings: Settings;
  /** Whether a gateway of this id is there that this stack did not make: it is taken over instead of made. */
  readonly existing?: boolean;
  /** The Secrets Store with the provider keys that the gateway holds. */
  readonly storeId?: pulumi.Input<string> | undefined;
}

/**
 * Every setting is sent: an update replaces the whole object, and one that is left out falls back to whatever the API
 * takes for granted, which has turned settings off without a word (terraform-provider-cloudflare issue 7336).
 *
 * `dlp`, `guardrails`, `stripe`, the retries and `logpushPublicKey` have no value that means "off". They are off when
 * they are absent: the provider sends `null` for what was set before and is no longer, whether the stack had set it or
 * a refresh found it.
 */
export function createGateway(
  name: string,
  { accountId, settings, existing = false, storeId }: GatewayArgs,
  opts?: pulumi.CustomResourceOptions,
): cloudflare.AiGateway {
  const gateway = new cloudflare.AiGateway(
    name,
    {
      accountId,
      aiGatewayId: settings.id,
      authentication: settings.authentication,
      // Without it a request that carries no provider key would be paid from the account's credits.
      byokOnly: settings.byokOnly,
      cacheInvalidateOnUpdate: settings.cacheInvalidateOnUpdate,
      cacheTtl: settings.cacheTtl,
      collectLogs: settings.collectLogs,
      logClassification: settings.logClassification,
      logManagement: settings.logManagement,
      logManagementStrategy: settings.logManagementStrategy,
      logpush: settings.logpush,
      otels: settings.otels ?? [],
      rateLimitingInterval: settings.rateLimit.interval,
      rateLimitingLimit: settings.rateLimit.limit,
      rateLimitingTechnique: settings.rateLimit.technique,
      ...(storeId === undefined ? {} : { storeId }),
      spendLimits: settings.spendLimits,
      workersAiBillingMode: settings.workersAiBillingMode,
      zdr: settings.zdr,
      ...withoutOff(settings),
    },
    {
      protect: settings.protect,
      retainOnDelete: settings.retainOnDelete,
      ...(existing ? { import: `${accountId}/${settings.id}` } : {}),
      ...opts,
    },
  );
  if (pulumi.runtime.isDryRun()) void pulumi.log.info(describePolicy(settings), gateway);
  return gateway;
}

/** What can only be left out to turn it off. */
function withoutOff({ dlp, guardrails, logpushPublicKey, retries, stripe }: Settings) {
  return {
    ...(dlp === undefined ? {} : { dlp }),
    ...(guardrails === undefined ? {} : { guardrails }),
    ...(logpushPublicKey === undefined ? {} : { logpushPublicKey }),
    ...(retries === undefined
      ? {}
      : { retryMaxAttempts: retries.maxAttempts, retryDelay: retries.delay, retryBackoff: retries.backoff }),
    ...(stripe === undefined ? {} : { stripe }),
  };
}

/**
 * Makes sure that the gateway of this id is the stack's to have: nobody's yet, its own, or one that it may adopt. Says
 * so when the id changes, because that is another gateway.
 *
 * @returns whether the gateway was there before the stack
 */
export async function claimGateway(
  name: string,
  { accountId, settings }: Pick<GatewayArgs, "accountId" | "settings">,
  opts?: pulumi.CustomResourceOptions,
): Promise<boolean> {
  const { id, adopt, retainOnDelete } = settings;
  const claim = new GatewayClaim(name, { accountId, gatewayId: id, adopt, retained: retainOnDelete }, opts);
  const known = pulumi.all([claim.existing, claim.replaced, claim.replacedIsKept]);
  const [existing, replaced, retained] = await new Promise<[boolean, string, boolean]>((resolve) => {
    known.apply(resolve);
  });
  if (replaced !== "") await pulumi.log.warn(describeRename({ id: replaced, retained }, id), claim);
  return existing;
}

/** Where the gateway answers: the origin, then account and gateway. */
export function gatewayEndpoint(
  url: string,
  accountId: string,
  gateway: cloudflare.AiGateway,
): pulumi.Output<string> {
  return gateway.id.apply((id) => `${url}/v1/${accountId}/${id}`);
}
