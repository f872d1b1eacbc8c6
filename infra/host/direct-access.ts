import { COMPAT, type LlmProvider, type OpenClawEntry } from "../llm-providers";

/**
 * Environment variable of the container that holds the run token, for hosts that call the gateway themselves. The suffix
 * `_TOKEN` is what makes OpenClaw keep it out of its sandboxes.
 */
export const RUN_TOKEN_ENV = "CLOUDFLARE_AIG_TOKEN";

/** Where hosts find the gateway that they call themselves. */
export interface DirectAccess {
  /** Address of the gateway, with account and id. */
  readonly gatewayUrl: string;
  /** Name of the host, for the gateway's log and for routes that look at it. */
  readonly host?: string;
}

/** A provider, or `/compat`: what there is an entry for. */
export interface GatewayEntry extends Partial<Pick<LlmProvider, "sentPrefix" | "runTokenKey">> {
  readonly slug: string;
  readonly openclaw: OpenClawEntry;
  readonly keyEnvNames?: readonly string[];
  readonly defaultHeaders?: Readonly<Record<string, string>>;
}

/** What follows the gateway's address in `baseUrl`: the gateway wants the prefix that the Worker would put in. */
export function directBasePath({ slug, sentPrefix, openclaw }: GatewayEntry): string {
  return sentPrefix === undefined ? openclaw.basePath : `/${slug}${sentPrefix}`;
}

/**
 * What an entry proves itself with. The gateway gets the run token, and the provider the host's own key: for an id of
 * its own OpenClaw finds that wherever the host has it, for one that only this project uses it is named here.
 */
export function directCredentials(
  endpoint: GatewayEntry,
  { host }: DirectAccess,
): { apiKey?: string; headers: Record<string, string> } {
  const apiKey = keyVariable(endpoint);
  return {
    ...(apiKey === undefined ? {} : { apiKey: reference(apiKey) }),
    headers: {
      ...endpoint.defaultHeaders,
      "cf-aig-authorization": `Bearer ${reference(RUN_TOKEN_ENV)}`,
      ...(host === undefined ? {} : { "cf-aig-metadata": JSON.stringify({ host }) }),
    },
  };
}

/** `/compat` and Workers AI are Cloudflare's own, so the run token is their key. */
function keyVariable({ slug, runTokenKey, openclaw, keyEnvNames = [] }: GatewayEntry): string | undefined {
  if (slug === COMPAT.slug || runTokenKey) return RUN_TOKEN_ENV;
  return openclaw.providerId.startsWith(OWN_ID) ? keyEnvNames[0] : undefined;
}

/** What the provider table puts before an id that OpenClaw would install a plugin for. */
export const OWN_ID = "cf-";

/** OpenClaw fills it in from the container's environment. */
function reference(name: string): string {
  return `\${${name}}`;
}
