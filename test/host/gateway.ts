import type { IncomingMessage, ServerResponse } from "node:http";

/** What a host that calls the gateway itself gets. The fake Docker knows our containers by its first word. */
export const RUN_TOKEN = `ourrun_${"T0k3n".repeat(9)}`;

/** Where the gateway is, at the machine's own server. */
export const GATEWAY_PATH = "/v1/account/gateway";

/** AI Gateway's answer to the empty request that shows it a token. */
export function answerAsGateway(
  { url, headers }: IncomingMessage,
  response: ServerResponse,
  knowsToken: boolean,
): void {
  const isCompat = url === `${GATEWAY_PATH}/compat/chat/completions`;
  const isTaken = knowsToken && headers["cf-aig-authorization"] === `Bearer ${RUN_TOKEN}`;
  const [status, internalCode] = isTaken ? [400, 2019] : [401, 2009];
  response.writeHead(isCompat ? status : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(isCompat ? { name: "AiGatewayError", internalCode } : {}));
}
