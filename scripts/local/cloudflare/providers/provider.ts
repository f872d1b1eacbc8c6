import type { IncomingHttpHeaders } from "node:http";
import type { KeyVerdict } from "../types";

/** One request to a fake provider. */
export interface ProviderCall {
  method: string;
  /** After the slug, with its leading slash, without query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The parsed body; undefined when there is none or it is not JSON. */
  body: unknown;
  /** Values of the groups in the endpoint's path pattern. */
  groups: Readonly<Record<string, string>>;
}

export interface ProviderReply {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** Either a JSON body … */
  json?: unknown;
  /** … or plain text … */
  text?: string;
  /** … or the pieces of a stream. */
  stream?: readonly string[];
}

/** A refusal in the provider's own format. */
export class ProviderError extends Error {
  readonly reply: ProviderReply;

  constructor(reply: ProviderReply) {
    super(`refused with ${reply.status}`);
    this.reply = reply;
  }
}

export interface ProviderEndpoint {
  method: "GET" | "POST";
  /** Matches the whole path. */
  path: RegExp;
  /** Needs no key. */
  open?: boolean;
  handle: (call: ProviderCall) => ProviderReply;
}

/** A provider of LLMs that answers every question by naming itself. */
export interface FakeProvider {
  slug: string;
  endpoints: readonly ProviderEndpoint[];
  /** The key in a request, where this provider looks for it. */
  keyOf: (headers: IncomingHttpHeaders, query: URLSearchParams) => string | undefined;
  /** What it answers without a valid key. */
  refusal: (verdict: Exclude<KeyVerdict, "ok">, key: string | undefined) => ProviderReply;
  /** What it answers to any other path or method. */
  notFound: (call: Pick<ProviderCall, "method" | "path">) => ProviderReply;
  /** What it answers to a body that its endpoint does not take. */
  badRequest: (message: string, param?: string) => ProviderReply;
}

export const EVENT_STREAM = { "content-type": "text/event-stream", "cache-control": "no-cache" };

/** An event without a name, as OpenAI-like streams have them. */
export function dataEvent(data: unknown): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** An event with a name. */
export function namedEvent(name: string, data: unknown): string {
  return `event: ${name}\n${dataEvent(data)}`;
}
