import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** Where and as whom the official SDKs call: the fake providers, the gateway, or a Worker. */
export interface Target {
  anthropic: string;
  /** Ends in the path that stands for `/v1`. */
  openai: string;
  google: string;
  openrouter: string;
  /** Sent with every call. */
  headers?: Record<string, string>;
}

export interface Keys {
  anthropic: string;
  openai: string;
  "google-ai-studio": string;
  openrouter: string;
}

/** A text, and in how many pieces it came. */
export interface Answer {
  text: string;
  pieces: number;
}

/** One way of asking each model API, by the name of its endpoint. */
export function questions(target: Target, keys: Keys): Record<string, () => Promise<Answer>> {
  return {
    ...anthropicQuestions(anthropicClient(target, keys)),
    ...openaiQuestions(openaiClient(target.openai, keys.openai, target)),
    ...googleQuestions(() => googleClient(target, keys)),
    ...chatQuestions(
      "openrouter",
      openaiClient(target.openrouter, keys.openrouter, target),
      "openrouter/auto",
    ),
  };
}

/** What every answer to `questions` says, by the same names. */
export const ANSWERS: Readonly<Record<string, string>> = {
  "anthropic messages": "pong from anthropic/claude-sonnet-4-6: ping",
  "anthropic messages, streamed": "pong from anthropic/claude-sonnet-4-6: ping",
  "openai responses": "pong from openai/gpt-5.4: ping",
  "openai responses, streamed": "pong from openai/gpt-5.4: ping",
  "openai chat": "pong from openai/gpt-5-mini: ping",
  "openai chat, streamed": "pong from openai/gpt-5-mini: ping",
  "google generateContent": "pong from google-ai-studio/gemini-3-flash: ping",
  "google generateContent, streamed": "pong from google-ai-studio/gemini-3-flash: ping",
  "openrouter chat": "pong from openrouter/openrouter/auto: ping",
  "openrouter chat, streamed": "pong from openrouter/openrouter/auto: ping",
};

export function anthropicClient({ anthropic, headers = {} }: Target, keys: Keys): Anthropic {
  return new Anthropic({
    baseURL: anthropic,
    apiKey: keys.anthropic,
    maxRetries: 0,
    defaultHeaders: headers,
  });
}

export function openaiClient(
  baseURL: string,
  apiKey: string,
  { headers = {} }: Pick<Target, "headers">,
): OpenAI {
  return new OpenAI({ baseURL, apiKey, maxRetries: 0, defaultHeaders: headers });
}

/** The version of the API that OpenClaw calls. The SDK is an ES module, which CommonJS can only load late. */
export async function googleClient({ google, headers = {} }: Target, keys: Keys) {
  const { GoogleGenAI } = await import("@google/genai");
  const httpOptions = { baseUrl: google, apiVersion: "v1beta", headers };
  return new GoogleGenAI({ apiKey: keys["google-ai-studio"], httpOptions });
}

function anthropicQuestions(client: Anthropic): Record<string, () => Promise<Answer>> {
  const request = {
    model: "claude-sonnet-4-6",
    max_tokens: 100,
    messages: [{ role: "user" as const, content: "ping" }],
  };
  return {
    "anthropic messages": async () => {
      const { content, usage } = await client.messages.create(request);
      expect(usage.output_tokens).toBeGreaterThan(0);
      return { text: content.map((block) => (block.type === "text" ? block.text : "")).join(""), pieces: 1 };
    },
    "anthropic messages, streamed": async () => {
      let pieces = 0;
      const stream = client.messages.stream(request).on("text", () => pieces++);
      const { stop_reason } = await stream.finalMessage();
      expect(stop_reason).toBe("end_turn");
      return { text: await stream.finalText(), pieces };
    },
  };
}

function openaiQuestions(client: OpenAI): Record<string, () => Promise<Answer>> {
  const request = { model: "gpt-5.4", input: [{ role: "user" as const, content: "ping" }] };
  return {
    "openai responses": async () => {
      const response = await client.responses.create(request);
      expect(response.status).toBe("completed");
      return { text: response.output_text, pieces: 1 };
    },
    "openai responses, streamed": async () => {
      let pieces = 0;
      const stream = client.responses.stream(request).on("response.output_text.delta", () => pieces++);
      return { text: (await stream.finalResponse()).output_text, pieces };
    },
    ...chatQuestions("openai", client, "gpt-5-mini"),
  };
}

/** Chat completions, as OpenClaw asks for them when it streams: with the usage in the last chunk. */
export function chatQuestions(
  name: string,
  client: OpenAI,
  model: string,
): Record<string, () => Promise<Answer>> {
  const request = { model, messages: [{ role: "user" as const, content: "ping" }] };
  return {
    [`${name} chat`]: async () => {
      const { choices } = await client.chat.completions.create(request);
      return { text: choices[0]?.message.content ?? "", pieces: 1 };
    },
    [`${name} chat, streamed`]: async () => {
      const options = { stream: true as const, stream_options: { include_usage: true } };
      const parts: string[] = [];
      let total = 0;
      for await (const chunk of await client.chat.completions.create({ ...request, ...options })) {
        const content = chunk.choices[0]?.delta.content;
        if (content) parts.push(content);
        total = chunk.usage?.total_tokens ?? total;
      }
      expect(total).toBeGreaterThan(0);
      return { text: parts.join(""), pieces: parts.length };
    },
  };
}

function googleQuestions(
  client: () => ReturnType<typeof googleClient>,
): Record<string, () => Promise<Answer>> {
  const request = { model: "gemini-3-flash", contents: "ping" };
  return {
    "google generateContent": async () => {
      const { text = "" } = await (await client()).models.generateContent(request);
      return { text, pieces: 1 };
    },
    "google generateContent, streamed": async () => {
      const parts: string[] = [];
      for await (const { text = "" } of await (await client()).models.generateContentStream(request))
        parts.push(text);
      return { text: parts.join(""), pieces: parts.length };
    },
  };
}
