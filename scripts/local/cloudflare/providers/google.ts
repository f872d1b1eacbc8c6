import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "../http/message";
import { answerText, contentText, pieces, tokens, vendorId } from "./answer";
import { chatCompletion } from "./chat-completions";
import { vectorOf } from "./embeddings";
import {
  dataEvent,
  EVENT_STREAM,
  type FakeProvider,
  type ProviderCall,
  ProviderError,
  type ProviderReply,
} from "./provider";

/** Both versions of the API have these calls; the official SDK uses `v1`, OpenClaw `v1beta`. */
const VERSION = "/v1(?:beta)?";
const MODEL = `${VERSION}/models/(?<model>[^/:]+)`;

/** The Gemini API. */
export const google: FakeProvider = {
  slug: "google-ai-studio",
  endpoints: [
    { method: "POST", path: new RegExp(`^${MODEL}:generateContent$`), handle: generate },
    // Its documented compatibility with OpenAI's SDK.
    {
      method: "POST",
      path: /^\/v1beta\/openai\/chat\/completions$/,
      handle: (call) => chatCompletion(google, call),
    },
    { method: "POST", path: new RegExp(`^${MODEL}:streamGenerateContent$`), handle: stream },
    { method: "POST", path: new RegExp(`^${MODEL}:countTokens$`), handle: countTokens },
    { method: "POST", path: new RegExp(`^${MODEL}:embedContent$`), handle: embed },
    { method: "POST", path: new RegExp(`^${MODEL}:batchEmbedContents$`), handle: embedBatch },
    {
      method: "GET",
      path: new RegExp(`^${VERSION}/models$`),
      handle: () => ({ status: 200, json: { models: MODELS.map(model) } }),
    },
    {
      method: "GET",
      path: new RegExp(`^${MODEL}$`),
      handle: ({ groups }) => ({ status: 200, json: model(groups.model ?? "") }),
    },
  ],
  keyOf,
  refusal: (verdict) =>
    verdict === "none"
      ? failure(
          403,
          "PERMISSION_DENIED",
          "Method doesn't allow unregistered callers (callers without established identity).",
        )
      : failure(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", INVALID_KEY),
  notFound: ({ path }) => failure(404, "NOT_FOUND", `Not found: ${path}`),
  badRequest: (message) => failure(400, "INVALID_ARGUMENT", message),
};

const MODELS = ["gemini-3.1-pro-preview", "gemini-3-flash", "gemini-embedding-001"];

/** Dimensions of `gemini-embedding-001`. */
const DIMENSIONS = 3072;

const INVALID_KEY = [
  {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "API_KEY_INVALID",
    domain: "googleapis.com",
    metadata: { service: "generativelanguage.googleapis.com" },
  },
];

function keyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
  const inHeader = headers["x-goog-api-key"];
  return typeof inHeader === "string" ? inHeader : (query.get("key") ?? undefined);
}

function failure(code: number, status: string, message: string, details?: unknown): ProviderReply {
  return {
    status: code,
    json: { error: { code, message, status, ...(details === undefined ? {} : { details }) } },
  };
}

function refuse(message: string): never {
  throw new ProviderError(google.badRequest(message));
}

/** Text of the last content of the user; a content without a role is the user's. */
function questionOf({ body }: ProviderCall): string {
  if (!isObject(body)) return refuse("Invalid JSON payload received.");
  if (!Array.isArray(body.contents) || body.contents.length === 0) return refuse("contents is not specified");
  const contents = body.contents.map((content: unknown, index) => {
    if (!isObject(content) || !Array.isArray(content.parts))
      return refuse(`contents[${index}].parts is not specified`);
    return { role: content.role ?? "user", text: contentText(content.parts) };
  });
  return contents.findLast(({ role }) => role === "user")?.text ?? "";
}

function generate(call: ProviderCall): ProviderReply {
  const name = call.groups.model ?? "";
  const question = questionOf(call);
  const text = answerText("google-ai-studio", name, question);
  return { status: 200, json: chunk(name, text, "STOP", usage(question, text), vendorId("")) };
}

/** With `alt=sse` events, without it pieces of one JSON array. */
function stream(call: ProviderCall): ProviderReply {
  const name = call.groups.model ?? "";
  const question = questionOf(call);
  const text = answerText("google-ai-studio", name, question);
  const id = vendorId("");
  const parts = pieces(text);
  const chunks = parts.map((piece, index) => {
    const last = index === parts.length - 1;
    const soFar = parts.slice(0, index + 1).join("");
    return chunk(name, piece, last ? "STOP" : undefined, usage(question, soFar), id);
  });
  if (call.query.get("alt") === "sse")
    return { status: 200, headers: EVENT_STREAM, stream: chunks.map(dataEvent) };
  const json = chunks.map((one, index) => `${index === 0 ? "[" : ","}${JSON.stringify(one)}\r\n`);
  return { status: 200, headers: { "content-type": "application/json" }, stream: [...json, "]"] };
}

function chunk(
  modelVersion: string,
  text: string,
  finishReason: string | undefined,
  usageMetadata: unknown,
  responseId: string,
) {
  const content = { role: "model", parts: [{ text }] };
  const candidate = { content, index: 0, ...(finishReason === undefined ? {} : { finishReason }) };
  return { candidates: [candidate], usageMetadata, modelVersion, responseId };
}

function usage(question: string, text: string) {
  const [promptTokenCount, candidatesTokenCount] = [tokens(question), tokens(text)];
  return { promptTokenCount, candidatesTokenCount, totalTokenCount: promptTokenCount + candidatesTokenCount };
}

function countTokens(call: ProviderCall): ProviderReply {
  return { status: 200, json: { totalTokens: tokens(questionOf(call)) } };
}

function embed({ body }: ProviderCall): ProviderReply {
  return { status: 200, json: { embedding: embedding(body) } };
}

function embedBatch({ body }: ProviderCall): ProviderReply {
  if (!isObject(body) || !Array.isArray(body.requests)) return refuse("requests is not specified");
  return { status: 200, json: { embeddings: body.requests.map(embedding) } };
}

function embedding(request: unknown) {
  if (!isObject(request) || !isObject(request.content)) return refuse("content is not specified");
  const size = typeof request.outputDimensionality === "number" ? request.outputDimensionality : DIMENSIONS;
  return { values: [...vectorOf(contentText(request.content.parts), size)] };
}

function model(id: string) {
  return {
    name: `models/${id}`,
    displayName: id,
    version: "001",
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "countTokens"],
  };
}
