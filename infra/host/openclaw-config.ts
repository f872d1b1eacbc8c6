import { COMPAT, type LlmProvider, type OpenClawEntry, type OpenClawModelCompat } from "../llm-providers";
import {
  type DirectAccess,
  directBasePath,
  directCredentials,
  type GatewayEntry,
  OWN_ID,
} from "./direct-access";

/** Environment variable of the container that holds the Worker's origin. */
export const WORKER_URL_ENV = "AI_GATEWAY_WORKER_URL";

/**
 * Environment variable of the container that holds the host token. The suffix `_TOKEN` is what makes OpenClaw keep it
 * out of its sandboxes.
 */
export const AUTH_TOKEN_ENV = "AI_GATEWAY_AUTH_TOKEN";

/** One entry of a provider's model list in `openclaw.json`. */
export interface OpenClawModel {
  /** What is sent as `model`, such as `dynamic/<route>` or `workers-ai/@cf/…` on the `/compat` endpoint. */
  readonly id: string;
  /** Name that OpenClaw shows. */
  readonly name: string;
  /** Default: text alone. */
  readonly input?: readonly ModelInput[] | undefined;
  /** Tokens. Default: OpenClaw's own. */
  readonly contextWindow?: number | undefined;
  /** Tokens of one answer. Default: OpenClaw's own, 8192. */
  readonly maxTokens?: number | undefined;
  /** Default: an API like OpenAI's. */
  readonly compat?: OpenClawModelCompat;
}

export const MODEL_INPUTS = ["text", "image", "video", "audio"] as const;
export type ModelInput = (typeof MODEL_INPUTS)[number];

/** A model as OpenClaw refers to it, with what OpenClaw should know about it. */
export interface ConfiguredModel extends Omit<OpenClawModel, "id"> {
  /** `<provider>/<model>`: everything behind the first `/` is sent as `model`. */
  readonly ref: string;
}

export interface OpenClawPatchArgs {
  /** Where the gateway is, for hosts that call it themselves. Default: they call the Worker. */
  readonly direct?: DirectAccess;
  /** The enabled providers. */
  readonly providers: readonly LlmProvider[];
  /** The stack's dynamic routes. */
  readonly routes?: readonly { readonly name: string }[];
  /** Models with settings of their own. Default: those of OpenClaw's catalog and of the provider table. */
  readonly models?: readonly ConfiguredModel[];
  /** Model that OpenClaw uses by default, `<provider>/<model>`. Left out: the host's own choice stays. */
  readonly primaryModel?: string;
  /** Models that it tries in order when the primary one fails. Needs `primaryModel`. */
  readonly fallbacks?: readonly string[];
}

/** A JSON merge patch for `openclaw.json`: objects merge, `null` deletes. Holds no secret. */
export interface OpenClawPatch {
  models: { mode: "merge"; providers: Record<string, OpenClawProviderPatch> };
  /**
   * Behind the Worker, no stored credential for these providers: a one-shot command of OpenClaw would send it in the place of
   * `models.providers.*.apiKey`.
   */
  auth?: { order: Record<string, string[]> };
  agents?: { defaults: { model: { primary: string; fallbacks?: string[] } } };
}

export interface OpenClawProviderPatch {
  baseUrl: string;
  /** Left out where OpenClaw looks for the host's own key itself. */
  apiKey?: string;
  api?: string;
  headers?: Record<string, string>;
  models: OpenClawModel[];
}

/** The model name that asks the gateway for a dynamic route. */
export function routeModel(route: string): string {
  return `dynamic/${route}`;
}

/** OpenClaw's reference of a dynamic route: `cloudflare-compat/dynamic/<name>`. */
export function routeModelRef(route: string): string {
  return `${COMPAT.openclaw.providerId}/${routeModel(route)}`;
}

/** OpenClaw's own ids of the providers that are served under another one, with that one. */
export function providerIds(providers: readonly LlmProvider[]): Record<string, string> {
  const renamed = providers.filter(({ openclaw }) => openclaw.providerId.startsWith(OWN_ID));
  return Object.fromEntries(renamed.map((provider) => [builtInId(provider), provider.openclaw.providerId]));
}

/** The id by which OpenClaw itself knows a provider: `groq`, which is served as `cf-groq`. */
export function builtInId({ openclaw: { providerId } }: Pick<LlmProvider, "openclaw">): string {
  return providerId.startsWith(OWN_ID) ? providerId.slice(OWN_ID.length) : providerId;
}

/**
 * What has to change in `openclaw.json` so that every enabled provider is called through the gateway. OpenClaw fills
 * `${NAME}` in from the container's environment and keeps it literal in the file, so the file never holds the token.
 * An empty model list keeps OpenClaw's built-in catalog; a list that the host has is left alone by the host program.
 */
export function openclawPatch(args: OpenClawPatchArgs): OpenClawPatch {
  const { models = [], primaryModel, fallbacks = [], direct } = args;
  const entries = Object.fromEntries(
    [...args.providers, ...compat(args)].map((endpoint) => [
      endpoint.openclaw.providerId,
      providerPatch(endpoint, models, direct),
    ]),
  );
  const ids = Object.keys(entries);
  return {
    models: { mode: "merge", providers: entries },
    // A host that keeps its own keys may have them stored.
    ...(direct ? {} : { auth: { order: Object.fromEntries(ids.map((id): [string, string[]] => [id, []])) } }),
    ...(primaryModel === undefined ? {} : { agents: agentsPatch(primaryModel, fallbacks) }),
  };
}

/** The `/compat` endpoint, when anything is to be called there. */
function compat({ routes = [], models = [] }: OpenClawPatchArgs): GatewayEntry[] {
  const listed = routes.map(({ name }) => ({ id: routeModel(name), name: `Dynamic route ${name}` }));
  const configured = models.some(({ ref }) => splitRef(ref).provider === COMPAT.openclaw.providerId);
  return routes.length > 0 || configured
    ? [{ slug: COMPAT.slug, openclaw: { ...COMPAT.openclaw, models: listed } }]
    : [];
}

/** The table's models and the configured ones, which win. */
function modelsOf(
  { providerId, models = [] }: OpenClawEntry,
  configured: readonly ConfiguredModel[],
): OpenClawModel[] {
  const own = configured
    .filter(({ ref }) => splitRef(ref).provider === providerId)
    .map(({ ref, ...settings }) => ({ id: splitRef(ref).model, ...settings }));
  return [...models.filter(({ id }) => !own.some((model) => model.id === id)), ...own];
}

/** `<provider>/<model>`; the model's own name may hold further slashes. */
export function splitRef(ref: string): { provider: string; model: string } {
  const slash = ref.indexOf("/");
  return { provider: ref.slice(0, slash), model: ref.slice(slash + 1) };
}

function agentsPatch(primary: string, fallbacks: readonly string[]): NonNullable<OpenClawPatch["agents"]> {
  return { defaults: { model: { primary, ...(fallbacks.length > 0 ? { fallbacks: [...fallbacks] } : {}) } } };
}

function providerPatch(
  endpoint: GatewayEntry,
  configured: readonly ConfiguredModel[],
  direct: DirectAccess | undefined,
): OpenClawProviderPatch {
  const { openclaw } = endpoint;
  const { api, modelCompat } = openclaw;
  const models = modelsOf(openclaw, configured);
  return {
    ...(direct
      ? { baseUrl: direct.gatewayUrl + directBasePath(endpoint), ...directCredentials(endpoint, direct) }
      : { baseUrl: `\${${WORKER_URL_ENV}}${openclaw.basePath}`, apiKey: `\${${AUTH_TOKEN_ENV}}` }),
    ...(api ? { api } : {}),
    models: models.map((model) => (modelCompat ? { ...model, compat: modelCompat } : model)),
  };
}
