import * as pulumi from "@pulumi/pulumi";
import { causeOf } from "../fetch-cause";
import { type ApiAnswer, CloudflareReads } from "./api";
import {
  grantedGroups,
  type NeededPermission,
  type NeedsPermissions,
  neededPermissions,
  SUBDOMAIN_PROBE,
  type Verdict,
} from "./permissions";

const DEFAULT_BASE_URL = "https://api.cloudflare.com/client/v4";

/** What the preflight finds out beside that all is well. */
export interface Findings {
  /** The account's name at workers.dev; undefined when it has none. */
  readonly workersSubdomain: string | undefined;
  /** Permission groups that cannot be proven, because the token may not read its own policies. */
  readonly unproven: readonly string[];
}

/** What of the configuration is looked at. */
export interface Account extends NeedsPermissions {
  readonly accountId: string;
  readonly baseUrl: string | undefined;
}

/**
 * Looks at the deploying token and the account before the first resource, in a preview too: all of it reads, none of it
 * takes longer than two round trips.
 *
 * @throws RunError when the token is not valid, the account is not there, or a permission is missing: all of them at once
 */
export async function preflight(account: Account, apiToken: string): Promise<Findings> {
  const findings = await lookAtAccount(account, apiToken);
  const { unproven } = findings;
  if (unproven.length > 0) {
    await pulumi.log.info(
      `The deploying token is valid; that it has ${unproven.join(", ")} cannot be proven before it is used, ` +
        "because it may not read its own policies",
    );
  }
  return findings;
}

/** Where the API is. */
export function apiUrl(baseUrl: string | undefined): string {
  return baseUrl ?? process.env.CLOUDFLARE_BASE_URL ?? DEFAULT_BASE_URL;
}

/** {@link preflight}, without a word about what cannot be proven. */
export async function lookAtAccount(config: Account, apiToken: string): Promise<Findings> {
  const baseUrl = apiUrl(config.baseUrl);
  const reads = new CloudflareReads(baseUrl, apiToken);
  const needed = neededPermissions(config);
  const account = `/accounts/${config.accountId}`;
  try {
    const [token, probes] = await Promise.all([
      ownToken(reads, account),
      Promise.all(needed.map(({ probe }) => reads.get(account + probe))),
    ]);
    refuseUnknownAccount(config.accountId, probes);
    const granted = grantedGroups(token, config.accountId);
    const verdicts = needed.map((permission, index) => verdictOn(permission, granted, probes[index]));
    const of = (verdict: Verdict) => needed.filter((_permission, index) => verdicts[index] === verdict);
    refuseMissing(config.accountId, of("missing"));
    return {
      workersSubdomain: subdomainOf(probes[needed.findIndex(({ probe }) => probe === SUBDOMAIN_PROBE)]),
      unproven: of("unproven").map(({ group }) => group),
    };
  } catch (error) {
    if (error instanceof pulumi.RunError) throw error;
    throw new pulumi.RunError(`Cloudflare's API cannot be reached at ${baseUrl}: ${causeOf(error)}`);
  }
}

/**
 * What the API tells of the deploying token, its policies included when it may read them. A token belongs to an account
 * or to a user, and each kind is known at one of two addresses alone.
 */
async function ownToken(reads: CloudflareReads, account: string): Promise<unknown> {
  const owners = [account, "/user"];
  const verified = await Promise.all(owners.map((owner) => reads.get(`${owner}/tokens/verify`)));
  const index = verified.findIndex(({ ok }) => ok);
  const [owner, answer] = [owners[index], verified[index]];
  if (owner === undefined || answer === undefined || !answer.ok) throw invalidToken(verified);
  const { id, status } = answer.result as { id: string; status: string };
  if (status !== "active") {
    throw new pulumi.RunError(`The deploying token (cloudflare:apiToken) is ${status}. ${NEW_TOKEN}`);
  }
  const token = await reads.get(`${owner}/tokens/${id}`);
  return token.ok ? token.result : undefined;
}

const NEW_TOKEN = "Set a valid one: pulumi config set --secret cloudflare:apiToken";

function invalidToken(answers: readonly ApiAnswer[]): pulumi.RunError {
  const said = answers.flatMap((answer) => (answer.ok ? [] : [`${answer.status} ${answer.message}`]));
  return new pulumi.RunError(
    `Cloudflare does not accept the deploying token (cloudflare:apiToken): ${[...new Set(said)].join("; ")}. ${NEW_TOKEN}`,
  );
}

/** "Could not route to /accounts/…, perhaps your object identifier is invalid?" */
const NO_SUCH_ACCOUNT = 7003;

function refuseUnknownAccount(accountId: string, probes: readonly ApiAnswer[]): void {
  if (!probes.some((answer) => !answer.ok && answer.code === NO_SUCH_ACCOUNT)) return;
  throw new pulumi.RunError(
    `There is no account ${accountId}, or the deploying token knows nothing of it. Set its id: pulumi config set accountId <account-id>`,
  );
}

function verdictOn(
  { group }: NeededPermission,
  granted: ReadonlySet<string> | undefined,
  probe: ApiAnswer | undefined,
): Verdict {
  if (granted !== undefined) return granted.has(group) ? "granted" : "missing";
  const refused = probe !== undefined && !probe.ok && (probe.status === 401 || probe.status === 403);
  return refused ? "missing" : "unproven";
}

function refuseMissing(accountId: string, missing: readonly NeededPermission[]): void {
  if (missing.length === 0) return;
  const lines = missing.map(({ group, purpose }) => `  - ${group} (for ${purpose})`);
  throw new pulumi.RunError(
    [
      `The deploying token (cloudflare:apiToken) lacks permissions on account ${accountId}:`,
      ...lines,
      "Add them to the token in the dashboard, under Manage Account > Account API Tokens (a user's own token: My",
      "Profile > API Tokens), or set another token: pulumi config set --secret cloudflare:apiToken",
    ].join("\n"),
  );
}

function subdomainOf(probe: ApiAnswer | undefined): string | undefined {
  return probe?.ok ? (probe.result as { subdomain?: string }).subdomain : undefined;
}
