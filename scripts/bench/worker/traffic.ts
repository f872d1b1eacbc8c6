import { Agent, createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What is asked for: an answer in one piece, or a streamed one. */
export type Kind = "plain" | "streamed";

const BODY = JSON.stringify({ model: "gpt-5.4", input: "x".repeat(1980), stream: false });
const REPLY = JSON.stringify({ id: "resp_1", output: "y".repeat(990) });
const EVENTS = Array.from(
  { length: 20 },
  (_, index) => `data: ${JSON.stringify({ delta: "z".repeat(220), index })}\n\n`,
);

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

/** A server in the gateway's place that answers at once: 1 KiB of JSON, or 20 events of 250 bytes. */
export async function startUpstream(): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const streamed = request.url?.endsWith("/chat/completions");
      for (const index of [1, 2, 3, 4, 5, 6]) response.setHeader(`x-upstream-${index}`, "value");
      response.setHeader("cf-aig-log-id", "01JBENCH");
      response.setHeader("content-type", streamed ? "text/event-stream" : "application/json");
      if (!streamed) response.end(REPLY);
      else writeEvents(0);
      function writeEvents(index: number): void {
        if (index === EVENTS.length) response.end();
        else response.write(EVENTS[index], () => setImmediate(writeEvents, index + 1));
      }
    });
  });
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
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: "127.0.0.1",
          port: this.#port,
          path: PATHS[kind],
          method: "POST",
          agent: this.#agent,
          headers: { ...requestHeaders(this.#token), "content-length": String(BODY.length) },
        },
        (response) => {
          let length = 0;
          response.on("data", (chunk: Buffer) => {
            length += chunk.length;
          });
          response.on("end", () => {
            if (response.statusCode === 200 && length === expected) resolve();
            else reject(new Error(`The answer was ${response.statusCode} with ${length} bytes.`));
          });
          response.on("error", reject);
        },
      );
      request.on("error", reject);
      request.end(BODY);
    });
  }
}
