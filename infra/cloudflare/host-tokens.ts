import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
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
