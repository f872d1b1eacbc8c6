import { Refusal } from "./errors";

/** A host token that is accepted, by the digest of it. */
export interface AcceptedToken {
  readonly digest: Uint8Array;
  /** Ready-made value of `cf-aig-metadata`, which names the host. */
  readonly metadata: string;
}

const encoder = new TextEncoder();

/**
 * The accepted token that was presented.
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
  const token = presentedToken(headers);
  if (token === undefined) throw new Refusal("host_token_missing");
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(token));
  let match: AcceptedToken | undefined;
  for (const candidate of accepted) {
    if (crypto.subtle.timingSafeEqual(digest, candidate.digest)) match = candidate;
  }
  if (match === undefined) throw new Refusal("host_token_invalid");
  return match;
}

/**
 * The token from the place where the client's API family puts its key: OpenAI, Anthropic, Google, Azure OpenAI. The
 * first one present counts; a query parameter never does, since URLs end up in logs.
 */
function presentedToken(headers: Headers): string | undefined {
  const authorization = headers.get("authorization");
  const bearer = authorization === null ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return (
    bearer ??
    (headers.get("x-api-key") || headers.get("x-goog-api-key") || headers.get("api-key") || undefined)
  );
}
