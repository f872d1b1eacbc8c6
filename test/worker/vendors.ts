import type { Answer, RecordedRequest } from "./upstream";

/** What is asked of a vendor's API, as far as the answers below look at it. */
interface Asked {
  readonly stream?: boolean;
  readonly tools?: readonly unknown[];
}

/** A vector as OpenAI's SDK asks for it: 32-bit floats in base64. */
const VECTOR = Buffer.from(new Float32Array([0.5, -0.25]).buffer).toString("base64");

/**
 * Answers like the vendors behind the gateway: "pong", in pieces when a stream was asked for; a call of the tool
 * `weather` when tools were offered; vectors, models and transcripts at their paths.
 */
export const answerLikeVendors: Answer = async (response, request) => {
  const path = (request.url.split("?")[0] ?? "").replace(/^\/v1\/[^/]+\/[^/]+/, "");
  const asked: Asked = /json/.test(String(request.headers["content-type"]))
    ? JSON.parse(bodyOf(request))
    : {};
  const reply = Object.entries(REPLIES).find(([end]) => path.endsWith(end))?.[1](asked, path);
  if (Array.isArray(reply)) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of reply) await new Promise((sent) => response.write(`${event}\n\n`, sent));
    response.end();
  } else {
    response.writeHead(reply === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(reply ?? { error: { message: `nothing at ${path}` } }));
  }
};

function bodyOf({ body }: RecordedRequest): string {
  return body.length === 0 ? "{}" : body.toString();
}

const data = (value: unknown) => `data: ${JSON.stringify(value)}`;
const named = (value: { type: string }) => `event: ${value.type}\n${data(value)}`;

const TOOL_CALL = {
  id: "call_1",
  type: "function",
  function: { name: "weather", arguments: '{"city":"Brno"}' },
};

function chatCompletion({ stream, tools }: Asked): unknown {
  const message = tools ? { role: "assistant", content: null, tool_calls: [TOOL_CALL] } : PONG_MESSAGE;
  if (!stream) return { id: "c", object: "chat.completion", choices: [{ index: 0, message }] };
  const delta = tools
    ? [{ role: "assistant", tool_calls: [{ index: 0, ...TOOL_CALL }] }]
    : [{ role: "assistant", content: "po" }, { content: "ng" }];
  const end = tools ? "tool_calls" : "stop";
  const chunk = (part: unknown, index: number) => {
    const finish_reason = index === delta.length - 1 ? end : null;
    return data({ id: "c", choices: [{ index: 0, delta: part, finish_reason }] });
  };
  return [...delta.map(chunk), "data: [DONE]"];
}

const PONG_MESSAGE = { role: "assistant", content: "pong" };

function openaiResponse({ stream }: Asked): unknown {
  const done = {
    id: "resp_1",
    object: "response",
    status: "completed",
    output: [
      {
        type: "message",
        role: "assistant",
        content: [{ type: "output_text", text: "pong", annotations: [] }],
      },
    ],
  };
  if (!stream) return done;
  return ["po", "ng"]
    .map((delta) => named({ type: "response.output_text.delta", ...{ delta } }))
    .concat(named({ type: "response.completed", ...{ response: done } }));
}

function anthropicMessage({ stream, tools }: Asked): unknown {
  const content = tools
    ? { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Brno" } }
    : { type: "text", text: "pong" };
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-6",
    content: [content],
    stop_reason: tools ? "tool_use" : "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  if (!stream) return message;
  return [
    { type: "message_start", message: { ...message, content: [] } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ...["po", "ng"].map((text) => ({
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text },
    })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ].map(named);
}

function googleContent(parts: readonly unknown[]): unknown {
  return { candidates: [{ content: { role: "model", parts }, finishReason: "STOP" }] };
}

function models(_: Asked, path: string): unknown {
  if (path.startsWith("/google")) return { models: [{ name: "models/gemini-3.1-pro" }] };
  return { object: "list", data: [{ id: "model-1" }, { id: "model-2" }], has_more: false };
}

const REPLIES: Record<string, (asked: Asked, path: string) => unknown> = {
  "/chat/completions": chatCompletion,
  "/responses": openaiResponse,
  "/embeddings": () => ({ object: "list", data: [{ object: "embedding", index: 0, embedding: VECTOR }] }),
  "/models": models,
  "/models/model-1": () => ({ id: "model-1", object: "model" }),
  "/audio/transcriptions": () => ({ text: "pong" }),
  "/images/generations": () => ({ data: [{ b64_json: "cG9uZw==" }] }),
  "/images/edits": () => ({ data: [{ b64_json: "cG9uZw==" }] }),
  "/messages": anthropicMessage,
  "/messages/count_tokens": () => ({ input_tokens: 7 }),
  ":generateContent": ({ tools }) =>
    googleContent([tools ? { functionCall: { name: "weather", args: { city: "Brno" } } } : { text: "pong" }]),
  ":streamGenerateContent": () => ["po", "ng"].map((text) => data(googleContent([{ text }]))),
  ":countTokens": () => ({ totalTokens: 7 }),
  ":embedContent": () => ({ embedding: { values: [0.5, -0.25] } }),
  ":batchEmbedContents": () => ({ embeddings: [{ values: [0.5, -0.25] }] }),
};
