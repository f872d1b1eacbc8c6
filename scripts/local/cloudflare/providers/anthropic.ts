import { bearer, isObject } from "../http/message";
import { answerText, contentText, lastUserText, pieces, tokens, vendorId } from "./answer";
import { chatCompletion } from "./chat-completions";
import {
  EVENT_STREAM,
  type FakeProvider,
  namedEvent,
  type ProviderCall,
  ProviderError,
  type ProviderReply,
} from "./provider";

/** The Messages API. */
export const anthropic: FakeProvider = {
  slug: "anthropic",
  endpoints: [
    { method: "POST", path: /^\/v1\/messages$/, handle: messages },
    // Its documented compatibility with OpenAI's SDK.
    { method: "POST", path: /^\/v1\/chat\/completions$/, handle: (call) => chatCompletion(anthropic, call) },
    { method: "POST", path: /^\/v1\/messages\/count_tokens$/, handle: countTokens },
    { method: "GET", path: /^\/v1\/models$/, handle: listModels },
    {
      method: "GET",
      path: /^\/v1\/models\/(?<model>[^/]+)$/,
      handle: ({ groups }) => ({ status: 200, json: model(groups.model ?? "") }),
    },
  ],
  // Clients send the key in `x-api-key`; the official SDK from 1.x on in `authorization`.
  keyOf: (headers) => {
    const own = headers["x-api-key"];
    return typeof own === "string" ? own : bearer(headers.authorization);
  },
  refusal: (verdict) =>
    failure(
      401,
      "authentication_error",
      verdict === "none" ? "x-api-key header is required" : "invalid x-api-key",
    ),
  notFound: ({ path }) => failure(404, "not_found_error", `Not found: ${path}`),
  badRequest: (message) => failure(400, "invalid_request_error", message),
};

const MODELS = ["claude-sonnet-4-6", "claude-opus-4-6", "claude-haiku-4-5"];

function failure(status: number, type: string, message: string): ProviderReply {
  const request_id = vendorId("req_");
  return {
    status,
    headers: { "request-id": request_id },
    json: { type: "error", error: { type, message }, request_id },
  };
}

function invalid(message: string): ProviderError {
  return new ProviderError(anthropic.badRequest(message));
}

interface MessagesRequest {
  model: string;
  messages: readonly unknown[];
  stream: boolean;
}

/** What both endpoints need. */
function readRequest({ headers, body }: ProviderCall): MessagesRequest {
  if (headers["anthropic-version"] === undefined) throw invalid("anthropic-version: header is required");
  if (!isObject(body)) throw invalid("The request body is not valid JSON");
  const { model, messages: list, stream } = body;
  if (typeof model !== "string" || model === "") throw invalid("model: Field required");
  if (!Array.isArray(list)) throw invalid("messages: Field required");
  if (list.length === 0) throw invalid("messages: at least one message is required");
  for (const [index, message] of list.entries()) checkMessage(message, index);
  return { model, messages: list, stream: stream === true };
}

function checkMessage(message: unknown, index: number): void {
  if (!isObject(message)) throw invalid(`messages.${index}: Input should be an object`);
  if (message.role !== "user" && message.role !== "assistant") {
    throw invalid(`messages.${index}.role: Input should be 'user' or 'assistant'`);
  }
  const { content } = message;
  if (typeof content !== "string" && !Array.isArray(content))
    throw invalid(`messages.${index}.content: Field required`);
}

function messages(call: ProviderCall): ProviderReply {
  const request = readRequest(call);
  const maxTokens = isObject(call.body) ? call.body.max_tokens : undefined;
  if (typeof maxTokens !== "number") throw invalid("max_tokens: Field required");
  const question = lastUserText(request.messages, ({ content }) => contentText(content));
  const text = answerText("anthropic", request.model, question);
  const headers = { "request-id": vendorId("req_") };
  if (request.stream)
    return { status: 200, headers: { ...EVENT_STREAM, ...headers }, stream: events(request, question, text) };
  const json = {
    ...emptyMessage(request, question),
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    usage: usage(question, tokens(text)),
  };
  return { status: 200, headers, json };
}

/** The events of a streamed message, in their order. */
function events(request: MessagesRequest, question: string, text: string): string[] {
  const block = { type: "text", text: "" };
  return [
    namedEvent("message_start", { type: "message_start", message: emptyMessage(request, question) }),
    namedEvent("content_block_start", { type: "content_block_start", index: 0, content_block: block }),
    namedEvent("ping", { type: "ping" }),
    ...pieces(text).map((piece) =>
      namedEvent("content_block_delta", {
        type: "content_block_delta",
        index: 0,
        delta: { type: "text_delta", text: piece },
      }),
    ),
    namedEvent("content_block_stop", { type: "content_block_stop", index: 0 }),
    namedEvent("message_delta", {
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: tokens(text) },
    }),
    namedEvent("message_stop", { type: "message_stop" }),
  ];
}

function emptyMessage({ model: name }: MessagesRequest, question: string) {
  return {
    id: vendorId("msg_"),
    type: "message",
    role: "assistant",
    model: name,
    content: [] as unknown[],
    stop_reason: null as string | null,
    stop_sequence: null,
    usage: usage(question, 1),
  };
}

function usage(question: string, output: number) {
  return {
    input_tokens: tokens(question),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: output,
    service_tier: "standard",
  };
}

function countTokens(call: ProviderCall): ProviderReply {
  const { messages: list } = readRequest(call);
  return { status: 200, json: { input_tokens: tokens(JSON.stringify(list)) } };
}

function listModels(): ProviderReply {
  const data = MODELS.map(model);
  return { status: 200, json: { data, has_more: false, first_id: MODELS[0], last_id: MODELS.at(-1) } };
}

function model(id: string) {
  return { type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" };
}
