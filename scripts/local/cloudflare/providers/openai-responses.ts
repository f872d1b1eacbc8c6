import { isObject } from "../http/message";
import { answerText, contentText, epoch, lastUserText, pieces, tokens, vendorId } from "./answer";
import {
  EVENT_STREAM,
  type FakeProvider,
  namedEvent,
  type ProviderCall,
  ProviderError,
  type ProviderReply,
} from "./provider";

interface ResponsesRequest {
  fields: Readonly<Record<string, unknown>>;
  model: string;
  question: string;
}

/** The Responses API, whole or streamed. @throws ProviderError for a body that is not a request. */
export function responses(provider: FakeProvider, { body }: ProviderCall): ProviderReply {
  const request = readRequest(provider, body);
  const text = answerText(provider.slug, request.model, request.question);
  if (request.fields.stream === true)
    return { status: 200, headers: EVENT_STREAM, stream: events(request, text) };
  return { status: 200, json: finished(request, blank(request), vendorId("msg_"), text) };
}

function readRequest(provider: FakeProvider, body: unknown): ResponsesRequest {
  const refuse = (message: string, param?: string): never => {
    throw new ProviderError(provider.badRequest(message, param));
  };
  if (!isObject(body)) return refuse("We could not parse the JSON body of your request.");
  const { model, input } = body;
  if (typeof model !== "string" || model === "")
    return refuse("Missing required parameter: 'model'.", "model");
  if (typeof input === "string") return { fields: body, model, question: input };
  if (!Array.isArray(input)) return refuse("Missing required parameter: 'input'.", "input");
  return { fields: body, model, question: lastUserText(input, ({ content }) => contentText(content)) };
}

/** The response object before anything is in it. */
function blank({ fields, model }: ResponsesRequest) {
  return {
    id: vendorId("resp_"),
    object: "response",
    created_at: epoch(),
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: fields.instructions ?? null,
    max_output_tokens: fields.max_output_tokens ?? null,
    model,
    output: [] as unknown[],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: fields.reasoning ?? { effort: null, summary: null },
    store: fields.store ?? true,
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: fields.tool_choice ?? "auto",
    tools: fields.tools ?? [],
    top_p: 1,
    truncation: "disabled",
    usage: null as unknown,
    metadata: {},
  };
}

function finished(
  { question }: ResponsesRequest,
  response: ReturnType<typeof blank>,
  itemId: string,
  text: string,
) {
  const [input_tokens, output_tokens] = [tokens(question), tokens(text)];
  return {
    ...response,
    status: "completed",
    output: [message(itemId, "completed", [outputText(text)])],
    usage: {
      input_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input_tokens + output_tokens,
    },
  };
}

function message(id: string, status: string, content: unknown[]) {
  return { id, type: "message", status, role: "assistant", content };
}

function outputText(text: string) {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** The events of a streamed response, numbered, in their order. */
function events(request: ResponsesRequest, text: string): string[] {
  const response = blank(request);
  const item_id = vendorId("msg_");
  const at = { item_id, output_index: 0, content_index: 0 };
  const done = message(item_id, "completed", [outputText(text)]);
  const list: [string, Record<string, unknown>][] = [
    ["response.created", { response }],
    ["response.in_progress", { response }],
    ["response.output_item.added", { output_index: 0, item: message(item_id, "in_progress", []) }],
    ["response.content_part.added", { ...at, part: outputText("") }],
    ...pieces(text).map((delta): [string, Record<string, unknown>] => [
      "response.output_text.delta",
      { ...at, delta, logprobs: [] },
    ]),
    ["response.output_text.done", { ...at, text, logprobs: [] }],
    ["response.content_part.done", { ...at, part: outputText(text) }],
    ["response.output_item.done", { output_index: 0, item: done }],
    ["response.completed", { response: finished(request, response, item_id, text) }],
  ];
  return list.map(([type, data], sequence_number) => namedEvent(type, { type, sequence_number, ...data }));
}
