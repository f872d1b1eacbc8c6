import { isObject } from "../http/message";
import { answerText, contentText, lastUserText, pieces, tokens, vendorId } from "./answer";
import { vectorOf } from "./embeddings";
import { openAiLike } from "./openai-like";
import { EVENT_STREAM, namedEvent, type ProviderCall, ProviderError, type ProviderReply } from "./provider";

/** Two versions of Cohere's own chat, its embeddings and models, and an API like OpenAI's beside them. */
export const cohere = openAiLike({
  slug: "cohere",
  basePath: "/compatibility/v1",
  operations: ["chat", "embeddings"],
  models: [],
  endpoints: [
    { method: "POST", path: /^\/v1\/chat$/, handle: chatV1 },
    { method: "POST", path: /^\/v2\/chat$/, handle: chatV2 },
    { method: "POST", path: /^\/v2\/embed$/, handle: embed },
    {
      method: "GET",
      path: /^\/v1\/models$/,
      handle: () => ({ status: 200, json: { models: MODELS.map(modelCard), next_page_token: "" } }),
    },
    {
      method: "GET",
      path: /^\/v1\/models\/(?<model>[^/]+)$/,
      handle: ({ groups }) => ({ status: 200, json: modelCard(groups.model ?? "") }),
    },
  ],
  refusal: (verdict) => failure(401, verdict === "none" ? "no api key supplied" : "invalid api token"),
  // A guess, in Cohere's usual form.
  notFound: ({ path }) => failure(404, `not found: ${path}`),
  badRequest: (message) => failure(400, message),
});

const MODELS = ["command-a-plus-05-2026", "embed-v4.0"];

/** Dimensions of `embed-v4.0`. */
const DIMENSIONS = 1536;

function failure(status: number, message: string): ProviderReply {
  return { status, json: { id: vendorId(""), message } };
}

function refuse(message: string): never {
  throw new ProviderError(failure(400, message));
}

function fieldsOf({ body }: ProviderCall): Record<string, unknown> {
  return isObject(body) ? body : refuse("invalid request: the body is no JSON object");
}

function modelOf({ model }: Record<string, unknown>): string {
  return typeof model === "string" ? model : refuse("invalid request: model is required");
}

/** `message` in, `text` out; its stream is one JSON object a line. */
function chatV1(call: ProviderCall): ProviderReply {
  const fields = fieldsOf(call);
  const { message, model = "command-a-plus-05-2026" } = fields;
  if (typeof message !== "string") return refuse("invalid request: message is required");
  const text = answerText("cohere", String(model), message);
  const response = {
    response_id: vendorId(""),
    generation_id: vendorId(""),
    text,
    finish_reason: "COMPLETE",
    meta: { api_version: { version: "1" }, ...usage(message, text) },
  };
  if (fields.stream !== true) return { status: 200, json: response };
  const events = [
    { event_type: "stream-start", generation_id: response.generation_id },
    ...pieces(text).map((piece) => ({ event_type: "text-generation", text: piece })),
    { event_type: "stream-end", finish_reason: "COMPLETE", response },
  ];
  return {
    status: 200,
    headers: { "content-type": "application/stream+json" },
    stream: events.map((event, index) => {
      const is_finished = index === events.length - 1;
      return `${JSON.stringify({ is_finished, ...event })}\n`;
    }),
  };
}

/** `messages` in, a message with parts out. */
function chatV2(call: ProviderCall): ProviderReply {
  const fields = fieldsOf(call);
  const model = modelOf(fields);
  const { messages } = fields;
  if (!Array.isArray(messages) || messages.length === 0)
    return refuse("invalid request: messages is required");
  const question = lastUserText(messages, ({ content }) => contentText(content));
  const text = answerText("cohere", model, question);
  const id = vendorId("");
  const end = { finish_reason: "COMPLETE", usage: usage(question, text) };
  if (fields.stream === true) return { status: 200, headers: EVENT_STREAM, stream: events(id, text, end) };
  const message = { role: "assistant", content: [{ type: "text", text }] };
  return { status: 200, json: { id, message, ...end } };
}

/** The events of a streamed message, in their order. */
function events(id: string, text: string, end: object): string[] {
  const event = (type: string, data: object) => namedEvent(type, { type, ...data });
  const content = (fields: object) => ({ index: 0, delta: { message: { content: fields } } });
  const message = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  return [
    event("message-start", { id, delta: { message } }),
    event("content-start", content({ type: "text", text: "" })),
    ...pieces(text).map((piece) => event("content-delta", content({ text: piece }))),
    event("content-end", { index: 0 }),
    event("message-end", { delta: end }),
  ];
}

function usage(question: string, text: string) {
  const counted = { input_tokens: tokens(question), output_tokens: tokens(text) };
  return { billed_units: counted, tokens: counted };
}

function embed(call: ProviderCall): ProviderReply {
  const fields = fieldsOf(call);
  modelOf(fields);
  const { texts, input_type } = fields;
  if (!Array.isArray(texts)) return refuse("invalid request: texts is required");
  if (typeof input_type !== "string") return refuse("invalid request: valid input_type must be provided");
  const float = texts.map((text) => [...vectorOf(String(text), DIMENSIONS)]);
  return { status: 200, json: { id: vendorId(""), embeddings: { float }, texts } };
}

function modelCard(name: string) {
  return {
    name,
    endpoints: name.startsWith("embed") ? ["embed"] : ["chat"],
    finetuned: false,
    context_length: 128_000,
  };
}
