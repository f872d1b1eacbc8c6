import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";

/**
 * Where the Worker answers: the configured address, its custom domain, or the one under the account's workers.dev
 * subdomain.
 *
 * @param subdomain the account's name at workers.dev, if it has one
 * @throws RunError when the account has none, and none is to be made
 */
export function workerAddress({ accountId, worker }: StackConfig, subdomain: string | undefined): string {
  if (worker.url !== undefined) return worker.url;
  if (worker.domain !== undefined) return `https://${worker.domain}`;
  const name = subdomain ?? worker.createSubdomain;
  if (name !== undefined) return `https://${worker.name}.${name}.workers.dev`;
  throw new pulumi.RunError(
    `Account ${accountId} has no workers.dev subdomain, so the Worker has no address. Have one made (pulumi config set ` +
      "--path worker.createSubdomain <name>; it is the account's for good), or use a domain of the account (pulumi " +
      "config set --path worker.domain <host name>)",
  );
}
