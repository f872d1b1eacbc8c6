import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FakeGateway {
  readonly url: string;
  readonly asked: Asked[];
  /** Answers in their order, the last one for ever. */
  answers: { status: number; body: unknown }[];
  close(): Promise<void>;
}

/** The gateway's own error, as it is sent. */
export const gatewayError = (status: number, code: number) => ({
  status,
  body: { success: false, error: [{ code, message: "no" }], name: "AiGatewayError", internalCode: code },
});

/** A gateway that answers what it is told to. */
export async function startFakeGateway(): Promise<FakeGateway> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
      const answer = gateway.answers.length > 1 ? gateway.answers.shift() : gateway.answers[0];
      response.writeHead(answer?.status ?? 500, { "content-type": "application/json" });
      response.end(JSON.stringify(answer?.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gateway: FakeGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/a/g`,
    asked,
    answers: [],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return gateway;
}
