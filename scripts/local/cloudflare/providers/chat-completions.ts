import { isObject } from "../http/message";
import { answerText, contentText, epoch, lastUserText, pieces, tokens, vendorId } from "./answer";
import type { ToolTurn } from "./gemini-tools";
import {
  dataEvent,
  EVENT_STREAM,
  type FakeProvider,
  type ProviderCall,
  ProviderError,
  type ProviderReply,
} from "./provider";

/** Where providers that speak chat completions differ from each other. */
export interface ChatFlavour {
  /** What goes in front of the first chunk: OpenRouter's comments. */
  preamble?: readonly string[];
  /** Fields that each answer and chunk carries as well. */
  extra?: Readonly<Record<string, unknown>>;
  /** Whether the stream always ends with the usage, asked for or not. */
  alwaysUsage?: boolean;
  /** A look at the body before anything else. @throws ProviderError */
  check?: (body: unknown) => void;
  /** Whether a tool is called, or has been, in place of an answer to the question. */
  toolTurn?: (body: unknown) => ToolTurn | undefined;
}

interface ChatRequest {
  model: string;
  question: string;
  stream: boolean;
  includeUsage: boolean;
}

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"];

/** A chat completion, whole or streamed. @throws ProviderError for a body that is not one. */
export function chatCompletion(
  provider: FakeProvider,
  call: ProviderCall,
  flavour: ChatFlavour = {},
): ProviderReply {
  flavour.check?.(call.body);
  const request = readRequest(provider, call);
  const turn = flavour.toolTurn?.(call.body);
  const said = turn && "result" in turn ? turn.result : request.question;
  const text = answerText(provider.slug, request.model, said);
  const base = { id: vendorId("chatcmpl-"), created: epoch(), model: request.model, ...flavour.extra };
  if (request.stream) {
    const answer = turn && "id" in turn ? toolCallDeltas(turn) : textDeltas(text);
    return { status: 200, headers: EVENT_STREAM, stream: chunks(request, answer, base, flavour) };
  }
  const message = { role: "assistant", content: text, refusal: null, annotations: [] };
  const choice = { index: 0, message, logprobs: null, finish_reason: "stop" };
  return {
    status: 200,
    json: { ...base, object: "chat.completion", choices: [choice], usage: usage(request, text) },
  };
}

function readRequest(provider: FakeProvider, { body }: ProviderCall): ChatRequest {
  const refuse = (message: string, param?: string): never => {
    throw new ProviderError(provider.badRequest(message, param));
  };
  if (!isObject(body)) return refuse("We could not parse the JSON body of your request.");
  const { model, messages, stream, stream_options: options } = body;
  if (typeof model !== "string" || model === "") return refuse("you must provide a model parameter", "model");
  if (!Array.isArray(messages)) return refuse("Missing required parameter: 'messages'.", "messages");
  if (messages.length === 0) refuse("Invalid 'messages': empty array.", "messages");
  for (const [index, message] of messages.entries()) {
    if (!isObject(message) || !ROLES.includes(String(message.role))) {
      refuse(
        `Invalid value: 'messages[${index}].role' must be one of ${ROLES.join(", ")}.`,
        `messages[${index}].role`,
      );
    }
  }
  if (options !== undefined && stream !== true) {
    refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  }
  return {
    model,
    question: lastUserText(messages, ({ content }) => contentText(content)),
    stream: stream === true,
    includeUsage: isObject(options) && options.include_usage === true,
  };
}

/** What a stream carries between its first chunk and its last. */
interface Deltas {
  deltas: readonly unknown[];
  finish: "stop" | "tool_calls";
  /** For the usage. */
  text: string;
}

function textDeltas(text: string): Deltas {
  return { deltas: pieces(text).map((content) => ({ content })), finish: "stop", text };
}

/** The name at once, the arguments in pieces, the thoughts around them. */
function toolCallDeltas({ id, name, arguments: args, details }: Extract<ToolTurn, { id: string }>): Deltas {
  const [first, ...others] = details;
  const start = { index: 0, id, type: "function", function: { name, arguments: "" } };
  const parts = pieces(args).map((part) => ({ tool_calls: [{ index: 0, function: { arguments: part } }] }));
  return {
    deltas: [
      { reasoning_details: [first] },
      { tool_calls: [start] },
      ...parts,
      { reasoning_details: others },
    ],
    finish: "tool_calls",
    text: args,
  };
}

function chunks(
  request: ChatRequest,
  { deltas, finish, text }: Deltas,
  base: Readonly<Record<string, unknown>>,
  { preamble = [], alwaysUsage = false }: ChatFlavour,
): string[] {
  const withUsage = request.includeUsage || alwaysUsage;
  const chunk = (choices: unknown[], counted: unknown = null) =>
    dataEvent({
      ...base,
      object: "chat.completion.chunk",
      choices,
      ...(withUsage ? { usage: counted } : {}),
    });
  const choice = (delta: unknown, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  return [
    ...preamble,
    chunk(choice({ role: "assistant", content: "" })),
    ...deltas.map((delta) => chunk(choice(delta))),
    chunk(choice({}, finish)),
    ...(withUsage ? [chunk([], usage(request, text))] : []),
    dataEvent("[DONE]"),
  ];
}

function usage({ question }: ChatRequest, text: string) {
  const [prompt_tokens, completion_tokens] = [tokens(question), tokens(text)];
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
