import { COMPAT, type LlmProvider, type OpenClawModelCompat } from "../llm-providers";

/** Environment variable of the container that holds the Worker's origin. */
export const WORKER_URL_ENV = "AI_GATEWAY_WORKER_URL";

/**
 * Environment variable of the container that holds the host token. The suffix `_TOKEN` is what makes OpenClaw keep it
 * out of its sandboxes.
 */
export const AUTH_TOKEN_ENV = "AI_GATEWAY_AUTH_TOKEN";

/** A model of the `/compat` endpoint: a dynamic route, or a Workers AI model. */
export interface OpenClawModel {
  /** What is sent as `model`: `dynamic/<route>` or `workers-ai/@cf/…`. */
  readonly id: string;
  /** Name that OpenClaw shows. */
  readonly name: string;
  /** Default: text alone. */
  readonly input?: readonly ("text" | "image")[];
  /** Tokens. Default: OpenClaw's own. */
  readonly contextWindow?: number;
  /** Tokens of one answer. Default: OpenClaw's own, 8192. */
  readonly maxTokens?: number;
  /** Default: an API like OpenAI's. */
  readonly compat?: OpenClawModelCompat;
}

export interface OpenClawPatchArgs {
  /** The enabled providers. */
  readonly providers: readonly LlmProvider[];
  /** The stack's dynamic routes. */
  readonly routes?: readonly (Omit<OpenClawModel, "id" | "name"> & { readonly name: string })[];
  /** Further models of the `/compat` endpoint. */
  readonly compatModels?: readonly OpenClawModel[];
  /** Model that OpenClaw uses by default, `<provider>/<model>`. Left out: the host's own choice stays. */
  readonly primaryModel?: string;
}

/** A JSON merge patch for `openclaw.json`: objects merge, `null` deletes. Holds no secret. */
export interface OpenClawPatch {
  models: { mode: "merge"; providers: Record<string, OpenClawProviderPatch> };
  agents?: { defaults: { model: { primary: string } } };
}

export interface OpenClawProviderPatch {
  baseUrl: string;
  apiKey: string;
  api?: string;
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

/**
 * What has to change in `openclaw.json` so that every enabled provider is called through the Worker. OpenClaw fills
 * `${NAME}` in from the container's environment and keeps it literal in the file, so the file never holds the token.
 * An empty model list keeps OpenClaw's built-in catalog; a list that the host has is left alone by the host program.
 */
export function openclawPatch(args: OpenClawPatchArgs): OpenClawPatch {
  const providers: Record<string, OpenClawProviderPatch> = {};
  for (const provider of args.providers) {
    providers[provider.openclaw.providerId] = providerPatch(
      provider.openclaw,
      provider.openclaw.models ?? [],
    );
  }
  const compat = compatModels(args);
  if (compat.length > 0) providers[COMPAT.openclaw.providerId] = providerPatch(COMPAT.openclaw, compat);
  return {
    models: { mode: "merge", providers },
    ...(args.primaryModel ? { agents: { defaults: { model: { primary: args.primaryModel } } } } : {}),
  };
}

function compatModels(args: OpenClawPatchArgs): OpenClawModel[] {
  const { routes = [], compatModels = [] } = args;
  return [
    ...routes.map((route) => ({
      ...route,
      id: routeModel(route.name),
      name: `Dynamic route ${route.name}`,
    })),
    ...compatModels,
  ];
}

function providerPatch(
  { basePath, api, modelCompat }: LlmProvider["openclaw"],
  models: readonly OpenClawModel[],
): OpenClawProviderPatch {
  return {
    baseUrl: `\${${WORKER_URL_ENV}}${basePath}`,
    ...(api ? { api } : {}),
    apiKey: `\${${AUTH_TOKEN_ENV}}`,
    models: models.map((model) => (modelCompat ? { ...model, compat: modelCompat } : model)),
  };
}
