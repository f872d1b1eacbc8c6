/**
 * Names and forms of everything the Worker is given, for the Worker itself and for those who upload or run it.
 * Pure: importable from Node as well as from the Worker.
 */

/** Name of the uploaded module. */
export const MAIN_MODULE = "worker.mjs";

/** Runtime behaviour the Worker is written against; the pinned workerd supports it. */
export const COMPATIBILITY_DATE = "2026-07-01";

/**
 * `global_fetch_strictly_public`: a gateway on a custom domain of the same zone is reached through Cloudflare's
 * front door, as any client reaches it, and not through the zone's origin server.
 */
export const COMPATIBILITY_FLAGS: readonly string[] = ["global_fetch_strictly_public"];

/** Where AI Gateway answers when nothing else is configured. */
export const DEFAULT_GATEWAY_URL = "https://gateway.ai.cloudflare.com";

/** A host token that the Worker accepts, known to it by its hash alone. */
export interface HostTokenHash {
  /** The host that holds the token; sent to the gateway as metadata. */
  readonly host: string;
  /** Two generations of one host are accepted while its token is being rotated. */
  readonly generation: number;
  /** SHA-256 of the token, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** The Worker's bindings. Types are what an upload ought to give; the Worker checks them again when it starts. */
export interface Env {
  /** Origin of AI Gateway; plain http only for loopback. */
  readonly GATEWAY_URL: string;
  readonly ACCOUNT_ID: string;
  readonly GATEWAY_ID: string;
  /** Enabled slugs (`compat` among them when enabled), as JSON or as a list of strings. */
  readonly PROVIDERS: string | readonly string[];
  /** The authenticated gateway's token, sent as `cf-aig-authorization`. */
  readonly RUN_TOKEN: string;
  /** JSON of `HostTokenHash[]`, sorted by host and generation. */
  readonly HOST_TOKENS: string;
  /** A provider's key; see `keyBinding`. */
  readonly [key: `KEY_${string}`]: string;
}

/** Name of the secret binding that holds the key of the provider with this slug: `KEY_GOOGLE_AI_STUDIO`. */
export function keyBinding(slug: string): `KEY_${string}` {
  return `KEY_${slug.toUpperCase().replaceAll("-", "_")}`;
}

/** One binding as `dist/worker.json` describes it, with a value that is only an example. */
export interface BindingDescription {
  readonly name: string;
  readonly type: "plain_text" | "secret_text" | "json";
  readonly example: unknown;
}

/** Every binding of a Worker with these slugs enabled, sorted by name. `withKey` are those that need a key. */
export function describeBindings(slugs: readonly string[], withKey: readonly string[]): BindingDescription[] {
  const bindings: BindingDescription[] = [
    { name: "ACCOUNT_ID", type: "plain_text", example: "0123456789abcdef0123456789abcdef" },
    { name: "GATEWAY_ID", type: "plain_text", example: "openclaw" },
    { name: "GATEWAY_URL", type: "plain_text", example: DEFAULT_GATEWAY_URL },
    {
      name: "HOST_TOKENS",
      type: "secret_text",
      example: JSON.stringify([{ host: "vps1", generation: 1, sha256: "0".repeat(64) }]),
    },
    { name: "PROVIDERS", type: "json", example: [...slugs].sort() },
    { name: "RUN_TOKEN", type: "secret_text", example: "example-run-token" },
  ];
  for (const slug of withKey) {
    bindings.push({ name: keyBinding(slug), type: "secret_text", example: `example-${slug}-key` });
  }
  return bindings.sort((a, b) => (a.name < b.name ? -1 : 1));
}
