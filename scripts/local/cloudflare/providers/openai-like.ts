import { bearer } from "../http/message";
import { type ChatFlavour, chatCompletion } from "./chat-completions";
import { embeddings } from "./embeddings";
import { responses } from "./openai-responses";
import type { FakeProvider, ProviderEndpoint } from "./provider";

type Operation = "chat" | "responses" | "embeddings" | "models";

/** A vendor whose API is like OpenAI's, with what it does in its own way. */
export interface OpenAiLikeVendor extends Pick<FakeProvider, "slug" | "refusal" | "notFound" | "badRequest"> {
  /** What stands before `/chat/completions` and the others at the vendor's own origin. */
  basePath: string;
  operations: readonly Operation[];
  /** Models that it lists; it answers for any other one too. */
  models: readonly string[];
  chat?: ChatFlavour;
  /** Another path of its Responses. */
  responsesAlias?: string;
  /** Endpoints of its own. */
  endpoints?: readonly ProviderEndpoint[];
}

/** A fake of that vendor: its paths, its key as a bearer token, errors in its own words. */
export function openAiLike(vendor: OpenAiLikeVendor): FakeProvider {
  const { slug, refusal, notFound, badRequest } = vendor;
  const endpoints: ProviderEndpoint[] = [...(vendor.endpoints ?? [])];
  const provider: FakeProvider = {
    slug,
    endpoints,
    keyOf: ({ authorization }) => bearer(authorization),
    refusal,
    notFound,
    badRequest,
  };
  endpoints.push(...vendor.operations.flatMap((operation) => OPERATIONS[operation](provider, vendor)));
  return provider;
}

const OPERATIONS: Record<
  Operation,
  (provider: FakeProvider, vendor: OpenAiLikeVendor) => ProviderEndpoint[]
> = {
  chat: (provider, { basePath, chat }) => [
    {
      method: "POST",
      path: exactly(`${basePath}/chat/completions`),
      handle: (call) => chatCompletion(provider, call, chat),
    },
  ],
  responses: (provider, { basePath, responsesAlias }) =>
    [`${basePath}/responses`, responsesAlias].flatMap((path) =>
      path === undefined
        ? []
        : [{ method: "POST", path: exactly(path), handle: (call) => responses(provider, call) }],
    ),
  embeddings: (provider, { basePath }) => [
    {
      method: "POST",
      path: exactly(`${basePath}/embeddings`),
      handle: (call) => embeddings(provider, call),
    },
  ],
  models: (_provider, { basePath, models, slug }) => [
    {
      method: "GET",
      path: exactly(`${basePath}/models`),
      handle: () => ({
        status: 200,
        json: { object: "list", data: models.map((id) => modelCard(id, slug)) },
      }),
    },
    {
      method: "GET",
      path: exactly(`${basePath}/models/(?<model>.+)`),
      handle: ({ groups }) => ({ status: 200, json: modelCard(groups.model ?? "", slug) }),
    },
  ],
};

function exactly(path: string): RegExp {
  return new RegExp(`^${path}$`);
}

function modelCard(id: string, owned_by: string) {
  return { id, object: "model", created: 1_767_225_600, owned_by };
}
