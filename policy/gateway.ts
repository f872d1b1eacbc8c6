import { AiGateway } from "@pulumi/cloudflare";
import {
  type PolicyResource,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  validateResourceOfType,
} from "@pulumi/policy";

const CLAIM_TYPE = "openclaw:index:GatewayClaim";
const GATEWAY_TYPE = "cloudflare:index/aiGateway:AiGateway";

const authenticated: ResourceValidationPolicy = {
  name: "gateway-authenticated",
  description: "A gateway answers requests with a token alone.",
  enforcementLevel: "mandatory",
  validateResource: validateResourceOfType(AiGateway, ({ authentication }, _, report) => {
    if (authentication !== true) {
      report(
        `authentication is ${authentication ?? "not set"}: whoever knows the address could use it. Set it to true.`,
      );
    }
  }),
};

const limited: ResourceValidationPolicy = {
  name: "gateway-limited",
  description: "A gateway has a rate limit or a spend limit.",
  enforcementLevel: "advisory",
  validateResource: validateResourceOfType(AiGateway, ({ rateLimitingLimit, spendLimits }, _, report) => {
    const hasRate = (rateLimitingLimit ?? 0) > 0;
    const hasBudget =
      spendLimits?.enabled === true && (spendLimits.rules ?? []).some(({ enabled }) => enabled !== false);
    if (hasRate || hasBudget) return;
    report(
      "It has neither a rate limit nor a spend limit, so a token that got out costs without end. " +
        "Set one: pulumi config set --path gateway.rateLimit.limit 600, and gateway.rateLimit.interval 60.",
    );
  }),
};

const logsBounded: ResourceValidationPolicy = {
  name: "gateway-logs-bounded",
  description: "Stored prompts and answers are bounded in number.",
  enforcementLevel: "mandatory",
  configSchema: { properties: { maximum: { type: "integer", default: 1_000_000 } } },
  validateResource: validateResourceOfType(
    AiGateway,
    ({ collectLogs, logManagement }, { getConfig }, report) => {
      const { maximum } = getConfig<{ maximum: number }>();
      if (collectLogs === false || (logManagement ?? Number.POSITIVE_INFINITY) <= maximum) return;
      report(
        `${logManagement ?? "Any number of"} log entries with prompts and answers may be stored; allowed: up to ${maximum}. ` +
          `Set fewer: pulumi config set --path gateway.logManagement ${maximum}.`,
      );
    },
  ),
};

const kept: StackValidationPolicy = {
  name: "gateway-kept",
  description: "Of the stacks that are named, no destroy takes the gateway with its logs along.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: { stacks: { type: "array", items: { type: "string" }, default: ["prod", "production"] } },
  },
  validateStack: ({ resources, getConfig }, report) => {
    const { stacks } = getConfig<{ stacks: string[] }>();
    const isRetained = resources.some(({ type, props }) => type === CLAIM_TYPE && props.retained === true);
    for (const gateway of resources.filter(({ type }) => type === GATEWAY_TYPE)) {
      const stack = stackOf(gateway);
      if (!stacks.includes(stack) || gateway.opts.protect || isRetained) continue;
      report(
        `pulumi destroy --stack ${stack} would delete the gateway with its logs. Protect it: pulumi config set --path ` +
          `gateway.protect true; to destroy it on purpose later: pulumi state unprotect '${gateway.urn}' --stack ${stack}. ` +
          "Or have it kept: pulumi config set --path gateway.retainOnDelete true.",
        gateway.urn,
      );
    }
  },
};

/** `urn:pulumi:<stack>::<project>::…` */
function stackOf({ urn }: Pick<PolicyResource, "urn">): string {
  return urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";
}

export const gatewayPolicies = [authenticated, limited, logsBounded, kept];
