import { apiUrl, lookAtAccount } from "../../infra/preflight";
import { CloudflareReads } from "../../infra/preflight/api";
import { refusedRunToken } from "../../infra/pulumi-provider/run-token-trial";
import { type Check, failed, ok } from "./check";
import type { Deployment } from "./deployment";
import { gatewayDifferences } from "./gateway-differences";

/** What the account says: the deploying token, the gateway, and the run token at that gateway. */
export function accountChecks(deployment: Deployment): Check[] {
  return [deployingToken(deployment), gatewaySettings(deployment), runToken(deployment)];
}

/** The deploying token's own reads of the API. */
export function readsOf({ config, apiToken }: Deployment): CloudflareReads {
  return new CloudflareReads(apiUrl(config.baseUrl), apiToken);
}

function deployingToken({ config, apiToken }: Deployment): Check {
  return {
    id: "deploying-token",
    title: "Deploying token and its permissions",
    run: async () => {
      try {
        const { unproven } = await lookAtAccount(config, apiToken);
        return unproven.length === 0
          ? ok()
          : ok(`valid; cannot be proven before use: ${unproven.join(", ")}`);
      } catch (error) {
        const [says, ...fix] = (error as Error).message.split("\n");
        const how = fix.length > 0 ? fix.map((line) => line.trim()).join(" ") : NEW_TOKEN;
        return failed(says ?? "", how);
      }
    },
  };
}

const NEW_TOKEN = "npx pulumi config set --secret cloudflare:apiToken";

function gatewaySettings(deployment: Deployment): Check {
  const { config } = deployment;
  return {
    id: "gateway",
    title: "AI Gateway and its settings",
    needs: ["deploying-token"],
    run: async () => {
      const path = `/accounts/${config.accountId}/ai-gateway/gateways/${config.gateway.id}`;
      const answer = await readsOf(deployment).get(path);
      if (!answer.ok) {
        return failed(`gateway ${config.gateway.id}: HTTP ${answer.status} ${answer.message}`, REFRESH);
      }
      const differences = gatewayDifferences(config.gateway, answer.result as Record<string, unknown>);
      return differences.length === 0 ? ok(config.gateway.id) : failed(differences.join("; "), REFRESH);
    },
  };
}

const REFRESH = "npx pulumi up --refresh";

function runToken({ gatewayUrl, runToken }: Deployment): Check {
  return {
    id: "run-token",
    title: "AI Gateway accepts the run token",
    run: async () => {
      const refusal = await refusedRunToken(gatewayUrl, runToken);
      return refusal === undefined
        ? ok()
        : failed(refusal, `${REFRESH}; a new one: npx pulumi config set --path runToken.rotation <new text>`);
    },
  };
}
