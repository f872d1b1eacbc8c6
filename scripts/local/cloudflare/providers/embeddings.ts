import { isObject } from "../http/message";
import { tokens } from "./answer";
import { type FakeProvider, type ProviderCall, ProviderError, type ProviderReply } from "./provider";

/** Dimensions of `text-embedding-3-small`, which OpenClaw's memory index uses. */
const DIMENSIONS = 1536;

/** Embeddings in OpenAI's format. @throws ProviderError for a body that is not a request */
export function embeddings(provider: FakeProvider, { body }: ProviderCall): ProviderReply {
  const refuse = (message: string, param: string): never => {
    throw new ProviderError(provider.badRequest(message, param));
  };
  if (!isObject(body)) return refuse("We could not parse the JSON body of your request.", "");
  const { model, input, encoding_format: format, dimensions } = body;
  if (typeof model !== "string") return refuse("you must provide a model parameter", "model");
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
    json: { object: "list", data, model, usage: { prompt_tokens: count, total_tokens: count } },
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
