import { bearer, isObject } from "../http/message";
import { tokens } from "./answer";
import { chatCompletion } from "./chat-completions";
import { responses } from "./openai-responses";
import { type FakeProvider, type ProviderCall, ProviderError, type ProviderReply } from "./provider";

/** Responses, chat completions, embeddings, models. */
export const openai: FakeProvider = {
  slug: "openai",
  endpoints: [
    { method: "POST", path: /^\/v1\/responses$/, handle: (call) => responses(openai, call) },
    { method: "POST", path: /^\/v1\/chat\/completions$/, handle: (call) => chatCompletion(openai, call) },
    { method: "POST", path: /^\/v1\/embeddings$/, handle: embeddings },
    {
      method: "GET",
      path: /^\/v1\/models$/,
      handle: () => ({ status: 200, json: { object: "list", data: MODELS.map(model) } }),
    },
    {
      method: "GET",
      path: /^\/v1\/models\/(?<model>[^/]+)$/,
      handle: ({ groups }) => ({ status: 200, json: model(groups.model ?? "") }),
    },
  ],
  keyOf: ({ authorization }) => bearer(authorization),
  refusal: (verdict, key) =>
    verdict === "none"
      ? failure(401, "You didn't provide an API key.", null, null)
      : failure(401, `Incorrect API key provided: ${masked(key)}.`, null, "invalid_api_key"),
  notFound: ({ method, path }) => failure(404, `Invalid URL (${method} ${path})`, null, null),
  badRequest: (message, param) => failure(400, message, param ?? null, null),
};

const MODELS = ["gpt-5.4", "gpt-5-mini", "text-embedding-3-small"];

/** Dimensions of `text-embedding-3-small`, which OpenClaw's memory index uses. */
const DIMENSIONS = 1536;

function failure(status: number, message: string, param: string | null, code: string | null): ProviderReply {
  return { status, json: { error: { message, type: "invalid_request_error", param, code } } };
}

/** As the real one shows a wrong key: the first and the last four characters. */
function masked(key = ""): string {
  return key.length > 12 ? `${key.slice(0, 4)}****${key.slice(-4)}` : "****";
}

function model(id: string) {
  return { id, object: "model", created: 1_767_225_600, owned_by: "openai" };
}

function embeddings({ body }: ProviderCall): ProviderReply {
  const refuse = (message: string, param: string): never => {
    throw new ProviderError(openai.badRequest(message, param));
  };
  if (!isObject(body)) return refuse("We could not parse the JSON body of your request.", "");
  const { model: name, input, encoding_format: format, dimensions } = body;
  if (typeof name !== "string") return refuse("you must provide a model parameter", "model");
  const inputs = typeof input === "string" ? [input] : input;
  if (!Array.isArray(inputs) || inputs.length === 0) return refuse("'input' is a required property", "input");
  const size = typeof dimensions === "number" ? dimensions : DIMENSIONS;
  const data = inputs.map((text, index) => {
    const vector = vectorOf(String(text), size);
    return { object: "embedding", index, embedding: format === "base64" ? base64(vector) : [...vector] };
  });
  const count = tokens(inputs.join(" "));
  return {
    status: 200,
    json: { object: "list", data, model: name, usage: { prompt_tokens: count, total_tokens: count } },
  };
}

/** A unit vector that depends on the text alone. */
export function vectorOf(text: string, size: number): Float32Array {
  let seed = 1;
  for (const letter of text) seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) % 2_147_483_647;
  const raw = Float32Array.from({ length: size }, (_, index) => Math.sin(seed + index));
  const length = Math.hypot(...raw) || 1;
  return raw.map((value) => value / length);
}

function base64(vector: Float32Array): string {
  return Buffer.from(vector.buffer).toString("base64");
}
