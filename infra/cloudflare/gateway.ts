import * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";

/** An AI Gateway that answers authenticated requests alone. */
export interface GatewayArgs {
  readonly accountId: pulumi.Input<string>;
  readonly settings: StackConfig["gateway"];
}

/**
 * Every setting is sent: an update replaces the whole object, and one that is left out falls back to whatever the API
 * takes for granted, which has turned settings off without a word (terraform-provider-cloudflare issue 7336).
 * What has no "off" (guardrails, DLP, OpenTelemetry, Stripe, spend limits, retries, Secrets Store) is not configured.
 */
export function createGateway(
  name: string,
  { accountId, settings }: GatewayArgs,
  opts?: pulumi.CustomResourceOptions,
): cloudflare.AiGateway {
  return new cloudflare.AiGateway(
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
      logpush: false,
      rateLimitingInterval: settings.rateLimit.interval,
      rateLimitingLimit: settings.rateLimit.limit,
      rateLimitingTechnique: settings.rateLimit.technique,
      workersAiBillingMode: "postpaid",
      zdr: settings.zdr,
    },
    opts,
  );
}

/** Where the gateway answers: the origin, then account and gateway. */
export function gatewayEndpoint(
  url: string,
  accountId: string,
  gateway: cloudflare.AiGateway,
): pulumi.Output<string> {
  return gateway.id.apply((id) => `${url}/v1/${accountId}/${id}`);
}
