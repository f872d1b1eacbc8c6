import { Refusal } from "./errors";

/** A host token that is accepted, by the digest of it. */
export interface AcceptedToken {
  readonly expected: Uint8Array;
  /** Name of the host that holds it. */
  readonly host: string;
  /** Ready-made value of `cf-aig-metadata`, which names the host. */
  readonly metadataHeader: string;
}

const { subtle } = crypto;
const encoder = new TextEncoder();

/**
 * The accepted token that was presented, in the place where the client's API family puts its key: OpenAI, Anthropic,
 * Google, Azure OpenAI. The first one present counts; a query parameter never does, since URLs end up in logs.
 *
 * Both sides are SHA-256 digests, compared in constant time against every accepted one with no early exit: neither the
 * bytes of a token nor which host matched shows in the time taken.
 *
 * @throws Refusal `host_token_missing` or `host_token_invalid`
 */
export async function authenticate(
  headers: Headers,
  accepted: readonly AcceptedToken[],
): Promise<AcceptedToken> {
  const token =
    /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ??
    (headers.get("x-api-key") || headers.get("x-goog-api-key") || headers.get("api-key"));
  if (!token) throw new Refusal("host_token_missing");
  const digest = await subtle.digest("SHA-256", encoder.encode(token));
  let match: AcceptedToken | undefined;
  for (const candidate of accepted) {
    if (subtle.timingSafeEqual(digest, candidate.expected)) match = candidate;
  }
  if (!match) throw new Refusal("host_token_invalid");
  return match;
}
