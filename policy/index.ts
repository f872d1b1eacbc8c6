import { PolicyPack } from "@pulumi/policy";
import { gatewayPolicies } from "./gateway";
import { hostPolicies } from "./hosts";
import { pluginPolicies } from "./plugins";
import { runTokenPolicies } from "./run-token";
import { workerPolicies } from "./worker";

/** docs/policies.md lists them, with their levels and settings. */
new PolicyPack("openclaw-ai-gateway", {
  policies: [...gatewayPolicies, ...workerPolicies, ...runTokenPolicies, ...hostPolicies, ...pluginPolicies],
});
