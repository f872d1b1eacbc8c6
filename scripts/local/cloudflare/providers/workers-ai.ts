import { bearer, isObject } from "../http/message";
import { answerText, contentText, lastUserText } from "./answer";
import { chatCompletion } from "./chat-completions";
import { type FakeProvider, type ProviderCall, ProviderError, type ProviderReply } from "./provider";

/** The account's Workers AI. Its key is a Cloudflare API token with "Workers AI Read". */
export const workersAi: FakeProvider = {
  slug: "workers-ai",
  endpoints: [
    { method: "POST", path: /^\/v1\/chat\/completions$/, handle: chat },
    { method: "POST", path: /^\/(?<model>@(cf|hf)\/.+)$/, handle: run },
  ],
  keyOf: ({ authorization }) => bearer(authorization),
  refusal: () => failure(401, 10000, "Authentication error"),
  notFound: () => failure(404, 7000, "No route for that URI"),
  badRequest: (message) => failure(400, 5006, message),
};

function failure(status: number, code: number, message: string): ProviderReply {
  return { status, json: { success: false, result: {}, errors: [{ code, message }], messages: [] } };
}

/** OpenAI's format. Names of models start with `@cf/` or `@hf/`. */
function chat(call: ProviderCall): ProviderReply {
  const model = isObject(call.body) ? call.body.model : undefined;
  if (typeof model === "string" && !/^@(cf|hf)\/[^/]+\/[^/]+$/.test(model)) {
    throw new ProviderError(failure(400, 5007, `No such model ${model} or task`));
  }
  return chatCompletion(workersAi, call, { alwaysUsage: true });
}

/** Workers AI's own format: `prompt` or `messages` in, `result.response` out. */
function run({ body, groups }: ProviderCall): ProviderReply {
  const fields = isObject(body) ? body : {};
  const question =
    typeof fields.prompt === "string"
      ? fields.prompt
      : Array.isArray(fields.messages)
        ? lastUserText(fields.messages, ({ content }) => contentText(content))
        : undefined;
  if (question === undefined)
    throw new ProviderError(workersAi.badRequest("required properties at '/' are 'prompt' or 'messages'"));
  const response = answerText("workers-ai", groups.model ?? "", question);
  return { status: 200, json: { success: true, result: { response }, errors: [], messages: [] } };
}
