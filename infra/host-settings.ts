import type { EnabledProvider, StackConfig, StackHost } from "./config";
import type { GuardArgs, LookArgs } from "./host";
import { LEGACY_VARIABLES } from "./host/legacy-env";
import {
  builtInId,
  type OpenClawPatch,
  openclawPatch,
  providerIds,
  routeModelRef,
} from "./host/openclaw-config";
import { type LlmProvider, otherKeyNames } from "./llm-providers";

/** OpenClaw's settings, without a host's own ones. */
type OpenClaw = StackConfig["openclaw"];

/** What is done on a host, as far as its entry and the stack's configuration decide it. */
export function settingsOf(config: StackConfig, host: StackHost): Omit<LookArgs, "url"> {
  const openclaw = openclawOf(config, host);
  const primaryModel = openclaw.primaryModel ?? defaultModel(config);
  return {
    ...guardSettings(config, openclaw),
    host,
    openclawPatch: patchFor(config, openclaw, host.name),
    tokenGeneration:
      config.access === "direct" ? (config.runToken.rotation ?? "first") : host.tokenGenerations.held,
    ...(primaryModel === undefined ? {} : { primaryModel }),
  };
}

/** The stack's settings with what the host's entry has in their place. */
function openclawOf({ openclaw }: StackConfig, host: StackHost): OpenClaw {
  const own = Object.entries(host.openclaw ?? {}).filter(([, value]) => value !== undefined);
  return { ...openclaw, ...Object.fromEntries(own) };
}

function guardSettings(
  { access, providers: enabled, stack }: StackConfig,
  { env, acceptUnserved, allowVersion }: OpenClaw,
): Omit<GuardArgs, "host" | "openclawPatch"> {
  const providers = enabled.map(({ provider }) => provider);
  const legacy = env === "legacy";
  return {
    stack,
    access,
    providerIds: legacy ? {} : providerIds(providers),
    acceptUnserved,
    ...(allowVersion === undefined ? {} : { allowVersion }),
    variables: legacy ? LEGACY_VARIABLES : [],
    keyEnvNames: providers.flatMap((provider) => provider.keyEnvNames),
    otherKeyNames: otherKeyNames(providers),
    authProviders: providers.map(builtInId),
    keyPatterns: providers.flatMap((provider) => provider.keyPattern ?? []),
  };
}

/**
 * What `openclaw.json` gets; with `legacy` the environment says where the providers are.
 *
 * @param host the one that it is for, where it says so to the gateway itself
 */
export function patchFor(
  config: StackConfig,
  { env, primaryModel, fallbacks, models }: OpenClaw,
  host?: string,
): Partial<OpenClawPatch> {
  const { access, routes, providers } = config;
  const direct = { gatewayUrl: gatewayAddress(config), ...(host === undefined ? {} : { host }) };
  const patch = openclawPatch({
    ...(access === "direct" ? { direct } : {}),
    providers: providers.map(withOwnHeaders),
    routes: routes.map(({ name }) => ({ name })),
    models,
    fallbacks,
    ...(primaryModel === undefined ? {} : { primaryModel }),
  });
  if (env === "config") return patch;
  return patch.agents ? { agents: patch.agents } : {};
}

/** Where the gateway answers. The engine knows it when there is a gateway; hosts are looked at before. */
export function gatewayAddress({ accountId, gateway }: Pick<StackConfig, "accountId" | "gateway">): string {
  return `${gateway.url}/v1/${accountId}/${gateway.id}`;
}

/** The provider with the headers that were configured for it, which the Worker would be told. */
function withOwnHeaders({ provider, entry }: EnabledProvider): LlmProvider {
  if (typeof entry === "string" || entry.defaultHeaders === undefined) return provider;
  return { ...provider, defaultHeaders: entry.defaultHeaders };
}

/** The stack's first route always answers; `legacy` has no way to it. */
function defaultModel({ openclaw, routes }: StackConfig): string | undefined {
  return openclaw.env === "legacy" ? undefined : routeModelRef(routes[0].name);
}

/** Nobody connects to such a host. */
export function isCutOff({ state }: StackHost): boolean {
  return state === "revoked" || state === "forgotten";
}
