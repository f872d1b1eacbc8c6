import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";

/**
 * Where the Worker answers: the configured address, or the one under the account's workers.dev subdomain, which only
 * the account itself knows.
 *
 * @throws RunError when the account has no subdomain or the token may not read it
 */
export async function workerAddress(config: StackConfig): Promise<string> {
  const { url, name } = config.worker;
  return url ?? `https://${name}.${await accountSubdomain(config.accountId)}.workers.dev`;
}

async function accountSubdomain(accountId: string): Promise<string> {
  // Loaded only when it is needed: the SDK takes longer to load than the rest of the program.
  const { Cloudflare, APIError } = require("cloudflare") as typeof import("cloudflare");
  const config = new pulumi.Config("cloudflare");
  const baseURL = config.get("baseUrl");
  const client = new Cloudflare({
    apiToken: config.get("apiToken") ?? process.env.CLOUDFLARE_API_TOKEN,
    ...(baseURL === undefined ? {} : { baseURL }),
  });
  try {
    const { subdomain } = await client.workers.subdomains.get({ account_id: accountId });
    return subdomain;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    throw new pulumi.RunError(explain(accountId, error.status, error.message));
  }
}

function explain(accountId: string, status: number | undefined, message: string): string {
  const what = `The workers.dev subdomain of account ${accountId} could not be read`;
  if (status === 404) {
    return `${what}: the account has none. Open "Workers & Pages" in the dashboard once, which makes one, or set the Worker's address: pulumi config set --path worker.url https://<address>`;
  }
  if (status === 401 || status === 403) {
    return `${what}: the deploying token was refused (${message}). It needs the permission 'Workers Scripts Write' on this account.`;
  }
  return `${what}: ${message}`;
}
