import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived at the gateway's address. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Answers one recorded request. */
export type Answer = (response: ServerResponse, request: RecordedRequest) => void | Promise<void>;

/** A stand-in for the gateway's address on loopback: records what reaches it and answers as told. */
export class Upstream {
  readonly requests: RecordedRequest[] = [];
  /** How requests are answered from now on; by default an empty JSON object. */
  answer: Answer = answerJson(200, {});
  /** Called for every piece of a request's body as it arrives. */
  onChunk: () => void = () => {};
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<Upstream> {
    const upstream = new Upstream();
    await new Promise<void>((resolve) => upstream.#server.listen(0, "127.0.0.1", resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The only request since the last reset. */
  get only(): RecordedRequest {
    const [request, ...others] = this.requests;
    if (request === undefined || others.length > 0)
      throw new Error(`${this.requests.length} requests came upstream.`);
    return request;
  }

  reset(): void {
    this.requests.length = 0;
    this.onChunk = () => {};
    this.answer = answerJson(200, {});
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
        this.onChunk();
      }
    } catch {
      // The other side went away while it was sending: there is nobody to answer.
      return;
    }
    const { method = "", url = "", headers } = request;
    const recorded = { method, url, headers, body: Buffer.concat(chunks) };
    this.requests.push(recorded);
    await this.answer(response, recorded);
  }
}

/** Answers with that status and JSON body. */
export function answerJson(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Answers with an error of AI Gateway's own. */
export function answerGatewayError(status: number, code: number, message: string): Answer {
  return answerJson(
    status,
    {
      success: false,
      result: [],
      messages: [],
      error: [{ code, message }],
      name: "AiGatewayError",
      httpCode: status,
      internalCode: code,
    },
    { "cf-aig-log-id": "log-of-the-error" },
  );
}

/** Answers with server-sent events and ends. */
export function answerEvents(events: readonly string[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(`${event}\n\n`);
    response.end();
  };
}
