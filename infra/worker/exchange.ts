import type { GatewayEndpoint } from "../llm-providers";

/**
 * A request and what is found out about it on its way. Every property of the runtime's own request is a call into the
 * runtime, a thousand instructions, so each is read once.
 */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** The path of the URL, undecoded. */
  readonly pathname: string;
  readonly headers: Headers;
  readonly body: ReadableStream | null;
  endpoint?: GatewayEndpoint;
  /** The route's path as the provider table writes it: says what was called without what a client put in. */
  pathClass?: string;
  /** Name of the host whose token was presented. */
  host?: string;
}
