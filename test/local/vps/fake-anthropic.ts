import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What the model was asked. */
export interface SeenRequest {
  path: string;
  key: string | undefined;
  model: string;
}

/** Answers every Messages request with the same stream; just enough for one turn. */
export interface FakeAnthropic {
  url: string;
  requests: SeenRequest[];
  close(): Promise<void>;
}

const ANSWER = [
  { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", content: [] } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "po" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ng" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
  { type: "message_stop" },
];

export async function startFakeAnthropic(): Promise<FakeAnthropic> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const { model } = JSON.parse(await bodyOf(request)) as { model: string };
    const key = request.headers["x-api-key"]?.toString();
    requests.push({ path: request.url ?? "", key, model });
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of ANSWER)
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(withUsage(event))}\n\n`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function withUsage(event: (typeof ANSWER)[number]): object {
  if (!event.message) return event;
  return {
    ...event,
    message: { ...event.message, model: "m", usage: { input_tokens: 1, output_tokens: 0 } },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8") || "{}";
}
