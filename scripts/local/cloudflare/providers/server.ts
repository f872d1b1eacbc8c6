import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject, parseJson, readBody, sendJson } from "../http/message";
import type { KeyVerdict, ProviderRequest } from "../types";
import { anthropic } from "./anthropic";
import { cohere } from "./cohere";
import { google } from "./google";
import { openai } from "./openai";
import { openrouter } from "./openrouter";
import { type FakeProvider, type ProviderCall, ProviderError, type ProviderReply } from "./provider";
import { cerebras, deepseek, grok, groq, mistral, perplexity } from "./vendors";
import { workersAi } from "./workers-ai";

const PROVIDERS: readonly FakeProvider[] = [
  ...[anthropic, cerebras, cohere, deepseek, google, grok, groq],
  ...[mistral, openai, openrouter, perplexity, workersAi],
];

/** Headers that hold a credential with one provider or another. */
const CREDENTIALS = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "cf-aig-authorization"];

/** Requests remembered. */
const KEEP = 10_000;

export interface ProvidersOptions {
  /** Whether this key is good for that provider. */
  accepts: (slug: string, key: string) => boolean;
  pace: () => Promise<void>;
  requests: ProviderRequest[];
  log: (line: string) => void;
}

/** A pause between pieces, so that they leave as pieces. */
export const defaultPace = () => sleep(5);

/** Every fake provider, each below its gateway slug. */
export function createProviders(options: ProvidersOptions) {
  return createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.log(`providers: ${request.method} ${request.url?.split("?")[0]} failed: ${error}`);
      response.destroy();
    });
  });
}

async function answer(
  options: ProvidersOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const content = await readBody(request);
  const url = new URL(request.url ?? "/", "http://local");
  const [, slug = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
  const provider = PROVIDERS.find((candidate) => candidate.slug === slug);
  if (!provider) return sendJson(response, 404, { error: `no fake provider at ${url.pathname}` });

  const { headers, method = "" } = request;
  const body = parseJson(content);
  const call: ProviderCall = {
    method,
    path: decodeURIComponent(rest),
    query: url.searchParams,
    headers,
    body,
    groups: {},
  };
  const key = provider.keyOf(headers, url.searchParams);
  const verdict = key === undefined ? "none" : options.accepts(slug, key) ? "ok" : "bad";
  remember(options.requests, provider, call, verdict);
  const reply = replyTo(provider, call, verdict, key);
  if (reply.status >= 400) options.log(`providers: ${method} /${slug}${call.path} -> ${reply.status}`);
  await send(response, reply, options.pace);
}

function replyTo(
  provider: FakeProvider,
  call: ProviderCall,
  verdict: KeyVerdict,
  key: string | undefined,
): ProviderReply {
  for (const endpoint of provider.endpoints) {
    const match = endpoint.method === call.method ? endpoint.path.exec(call.path) : null;
    if (!match) continue;
    if (!endpoint.open && verdict !== "ok") return provider.refusal(verdict, key);
    try {
      return endpoint.handle({ ...call, groups: match.groups ?? {} });
    } catch (error) {
      if (error instanceof ProviderError) return error.reply;
      throw error;
    }
  }
  return provider.notFound(call);
}

async function send(
  response: ServerResponse,
  reply: ProviderReply,
  pace: () => Promise<void>,
): Promise<void> {
  const { status, headers = {}, json, text, stream } = reply;
  if (json !== undefined) return sendJson(response, status, json, headers);
  response.writeHead(status, headers);
  if (stream === undefined) return void response.end(text);
  for (const [index, piece] of stream.entries()) {
    if (index > 0) await pace();
    if (response.destroyed) return;
    response.write(piece);
  }
  response.end();
}

function remember(
  requests: ProviderRequest[],
  provider: FakeProvider,
  call: ProviderCall,
  key: KeyVerdict,
): void {
  const model =
    isObject(call.body) && typeof call.body.model === "string" ? call.body.model : modelInPath(call.path);
  requests.push({
    slug: provider.slug,
    method: call.method,
    path: call.path + queryWithoutKey(call.query, key),
    headers: headersWithoutKeys(call.headers, key),
    key,
    ...(model === undefined ? {} : { model }),
  });
  if (requests.length > KEEP) requests.shift();
}

function modelInPath(path: string): string | undefined {
  return /models\/([^:]+)/.exec(path)?.[1] ?? /@cf\/.+/.exec(path)?.[0];
}

function queryWithoutKey(query: URLSearchParams, verdict: KeyVerdict): string {
  const shown = new URLSearchParams(query);
  if (shown.has("key")) shown.set("key", verdict);
  return shown.size === 0 ? "" : `?${shown}`;
}

/** No credential is remembered, wherever it came. */
function headersWithoutKeys(headers: IncomingHttpHeaders, verdict: KeyVerdict): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      CREDENTIALS.includes(name) ? verdict : String(value),
    ]),
  );
}
