import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { StackHost } from "../config";
import { HOST_TOKEN_PREFIX, type HostTokenHash } from "../worker/bindings";

/** 62^48 possibilities are more than 285 bits. */
const LENGTH = 48;

/** The one credential that a host holds: it is good for the Worker and nothing else. */
export interface HostToken {
  readonly host: string;
  /** Counts up with each rotation; the Worker may accept two generations of one host for a while. */
  readonly generation: number;
  /** Secret. */
  readonly value: pulumi.Output<string>;
}

/**
 * The tokens that the Worker accepts. A host that is to be put back keeps its tokens for that run, since it serves until
 * then; one that is revoked or forgotten has none, and gets others if it ever comes back.
 */
export function createHostTokens(hosts: readonly StackHost[]): HostToken[] {
  return hosts
    .filter(({ state }) => state === "present" || state === "absent")
    .flatMap(({ name, tokenGenerations: { accepted } }) =>
      accepted.map((generation) => createHostToken(name, generation)),
    );
}

/**
 * The token that a host has.
 *
 * @throws Error when there is none: the configuration does not allow that
 */
export function heldToken({ name, tokenGenerations }: StackHost, tokens: readonly HostToken[]): HostToken {
  const { held } = tokenGenerations;
  const token = tokens.find(({ host, generation }) => host === name && generation === held);
  if (token === undefined) throw new Error(`There is no token of generation ${held} for host ${name}.`);
  return token;
}

/** Makes the token of a host. A new generation is a new token beside the old one. */
export function createHostToken(
  host: string,
  generation: number,
  opts?: pulumi.CustomResourceOptions,
): HostToken {
  const password = new random.RandomPassword(
    `host-token-${host}-${generation}`,
    { length: LENGTH, special: false },
    opts,
  );
  const value = pulumi.secret(password.result).apply((result) => HOST_TOKEN_PREFIX + result);
  return { host, generation, value };
}

/** What the Worker is given of the tokens: JSON of their hashes, in an order that only their names decide. Secret. */
export function hashHostTokens(tokens: readonly HostToken[]): pulumi.Output<string> {
  const inOrder = [...tokens].sort((a, b) => compare(a.host, b.host) || a.generation - b.generation);
  const hashes = inOrder.map(({ host, generation, value }) =>
    value.apply((token): HostTokenHash => ({ host, generation, sha256: sha256(token) })),
  );
  return pulumi.secret(pulumi.all(hashes).apply((list) => JSON.stringify(list)));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
