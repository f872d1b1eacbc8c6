import { bearer, isObject, parseJson } from "../http/message";
import { type ChatRequest, callModel } from "./chat-model";
import { runRoute } from "./dynamic-route";
import type { Exchange, Outcome } from "./exchange";
import { GatewayError, gatewayErrors } from "./gateway-error";
import { ProviderUnreachable } from "./provider-call";
import { patienceOf } from "./provider-request";

/** `/compat/chat/completions`: OpenAI's format; the model is `dynamic/<route>` or `<provider>/<model>`. */
export async function compat(exchange: Exchange): Promise<Outcome> {
  const request = readRequest(exchange);
  const slash = request.model.indexOf("/");
  if (slash < 1) throw gatewayErrors.badFormat("model must be provider/model or dynamic/route");
  const provider = request.model.slice(0, slash);
  const model = request.model.slice(slash + 1);
  if (provider === "dynamic") return runRoute(exchange, request, model);
  return single(exchange, request, provider, model);
}

function readRequest({ method, path, body }: Exchange): ChatRequest {
  if (path !== "chat/completions") throw gatewayErrors.invalidProvider();
  const fields = method === "POST" ? parseJson(body) : undefined;
  if (!isObject(fields)) throw gatewayErrors.badFormat("a JSON object is expected");
  if (typeof fields.model !== "string") throw gatewayErrors.badFormat("model is required");
  if (!Array.isArray(fields.messages)) throw gatewayErrors.badFormat("messages is required");
  return { model: fields.model, stream: fields.stream === true, fields };
}

async function single(
  exchange: Exchange,
  request: ChatRequest,
  provider: string,
  model: string,
): Promise<Outcome> {
  // A key of the provider may come in `authorization`, when that does not hold the gateway's own token.
  const key = exchange.headers["cf-aig-authorization"] ? bearer(exchange.headers.authorization) : undefined;
  try {
    const served = await callModel(exchange, request, { provider, model }, patienceOf(exchange), key);
    return { provider, model, step: 0, stream: request.stream, cached: false, ...served };
  } catch (error) {
    const refused = error instanceof ProviderUnreachable ? gatewayErrors.noAnswer(error.message) : error;
    if (!(refused instanceof GatewayError)) throw refused;
    throw refused.while({ provider, model, stream: request.stream });
  }
}
