import { randomUUID } from "node:crypto";
import { Agent, createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What is asked for: an answer in one piece, or a streamed one. */
export type Kind = "plain" | "streamed";

const body = (kind: Kind, user: string) =>
  JSON.stringify({ model: "gpt-5.4", input: "x".repeat(1930), stream: kind === "streamed", user });
const REPLY = JSON.stringify({ id: "resp_1", output: "y".repeat(990) });
const EVENTS = Array.from(
  { length: 20 },
  (_, index) => `data: ${JSON.stringify({ delta: "z".repeat(220), index })}\n\n`,
);

/** How many bytes of a stream the client has after each event. */
const EVENT_ENDS = new Set(EVENTS.map((_, index) => EVENTS.slice(0, index + 1).join("").length));

/** The streams under way, by `user` of the request: what sends the next event. */
const streams = new Map<string, () => void>();

/** Headers as OpenAI's SDK sends them, with a few that a client behind a proxy has. */
function requestHeaders(token: string): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    "accept-encoding": "gzip, deflate",
    "accept-language": "*",
    "content-type": "application/json",
    "user-agent": "OpenAI/JS 7.15.0",
    "sec-fetch-mode": "cors",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "idempotency-key": "stainless-node-retry-8bd2",
    "x-stainless-lang": "js",
    "x-stainless-package-version": "7.15.0",
    "x-stainless-os": "Linux",
    "x-stainless-arch": "x64",
    "x-stainless-runtime": "node",
    "x-stainless-runtime-version": "v24.21.0",
    "x-stainless-retry-count": "0",
    "x-stainless-timeout": "600",
    "x-request-id": "req-0123456789",
  };
}

/** Path of each kind: the upstream answers by it, whatever stands before it. */
const PATHS: Record<Kind, string> = {
  plain: "/openai/v1/responses",
  streamed: "/openai/v1/chat/completions",
};

/**
 * A server in the gateway's place that answers at once: 1 KiB of JSON, or 20 events of 250 bytes, each when the client
 * has the one before, as a model's tokens come one by one. Sent at once, they would reach the Worker in as many pieces
 * as chance has it, and most of the cost is one of pieces.
 */
export async function startUpstream(): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    let received = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      received += chunk;
    });
    request.on("end", () => {
      const { stream, user } = JSON.parse(received) as { stream: boolean; user: string };
      for (const index of [1, 2, 3, 4, 5, 6]) response.setHeader(`x-upstream-${index}`, "value");
      response.setHeader("cf-aig-log-id", "01JBENCH");
      response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
      if (!stream) response.end(REPLY);
      else writeEvent(0);
      function writeEvent(index: number): void {
        const last = index === EVENTS.length - 1;
        if (last) streams.delete(user);
        else streams.set(user, () => writeEvent(index + 1));
        if (last) response.end(EVENTS[index]);
        else response.write(EVENTS[index]);
      }
    });
  });
  // A connection that callgrind keeps waiting while it writes is not to be closed under the next request.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client of one target, with connections that are kept. */
export class Client {
  readonly #agent: Agent;
  readonly #port: number;
  readonly #token: string;

  constructor(port: number, token: string, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#port = port;
    this.#token = token;
  }

  /** Sends that many requests over that many connections. @throws when one is not answered with 200 and all of it */
  async send(kind: Kind, count: number, connections = 1): Promise<void> {
    let left = count;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await this.#one(kind);
    };
    await Promise.all(Array.from({ length: connections }, worker));
  }

  close(): void {
    this.#agent.destroy();
  }

  #one(kind: Kind): Promise<void> {
    const expected = kind === "plain" ? REPLY.length : EVENTS.join("").length;
    const user = randomUUID();
    const sent = body(kind, user);
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: "127.0.0.1",
          port: this.#port,
          path: PATHS[kind],
          method: "POST",
          agent: this.#agent,
          headers: { ...requestHeaders(this.#token), "content-length": String(sent.length) },
        },
        (response) => {
          let length = 0;
          response.on("data", (chunk: Buffer) => {
            length += chunk.length;
            if (EVENT_ENDS.has(length)) streams.get(user)?.();
          });
          response.on("end", () => {
            if (response.statusCode === 200 && length === expected) resolve();
            else reject(new Error(`The answer was ${response.statusCode} with ${length} bytes.`));
          });
          response.on("error", reject);
        },
      );
      request.on("error", (error: NodeJS.ErrnoException) => {
        // The server gave up an idle connection just then (nodejs.org/api/http.html, request.reusedSocket).
        if (request.reusedSocket && error.code === "ECONNRESET") resolve(this.#one(kind));
        else reject(error);
      });
      request.end(sent);
    });
  }
}
