import { routeModelRef, splitRef } from "../host/openclaw-config";
import { COMPAT } from "../llm-providers";
import { refuseInDirect, unusedInDirect } from "./direct";
import { type GatewayInput, gatewayId, gateway as gatewaySchema } from "./gateway";
import { refuseSharedHosts } from "./hosts";
import type { ConfigProblem } from "./problems";
import { type ConfiguredProvider, readProviders } from "./providers";
import { Reader } from "./reader";
import { type ConfiguredRoute, readRoutes } from "./routes";
import { type RunTokenInput, runToken as runTokenSchema } from "./run-token";
import * as schema from "./schema";

/** The configuration as it was written, before anything is known about it. */
export interface RawConfig {
  readonly project: string;
  readonly stack: string;
  /** The keys of this project, without their name space; objects already parsed. */
  readonly values: Readonly<Record<string, unknown>>;
  /** `cloudflare:apiToken`, or the same from the environment. */
  readonly apiToken: string | undefined;
  /** `cloudflare:baseUrl` */
  readonly baseUrl: string | undefined;
}

/** The configuration with every default filled in. Secrets are still plain: `loadConfig` wraps them. */
export interface ParsedConfig {
  readonly access: schema.Access;
  /** Settings that are there and have no effect with this access. */
  readonly unused: readonly string[];
  readonly accountId: string;
  readonly baseUrl: string | undefined;
  readonly gateway: Omit<GatewayInput, "id"> & { readonly id: string };
  readonly runToken: RunTokenInput;
  readonly preflight: schema.PreflightInput;
  readonly restore: schema.RestoreInput;
  readonly worker: Omit<schema.WorkerInput, "name" | "url"> & {
    readonly name: string;
    readonly url: string | undefined;
  };
  /** By slug, in order. */
  readonly providers: readonly ConfiguredProvider[];
  /** At least one; the first is the default, which OpenClaw is pointed at. */
  readonly routes: readonly [ConfiguredRoute, ...ConfiguredRoute[]];
  readonly openclaw: schema.OpenClawInput;
  readonly hosts: readonly schema.HostInput[];
}

export type ParseResult = { readonly config: ParsedConfig } | { readonly problems: ConfigProblem[] };

/** Checks all of the configuration; either the whole of it or every problem it has. */
export function parseConfig(raw: RawConfig): ParseResult {
  const reader = new Reader(raw.values);
  reader.refuseUnknownKeys();
  const name = nameFrom(raw.project, raw.stack);
  const access = reader.read("access", schema.access);
  const accountId = reader.read("accountId", schema.accountId);
  const gateway = reader.read("gateway", gatewaySchema);
  const runToken = reader.read("runToken", runTokenSchema);
  const preflight = reader.read("preflight", schema.preflight);
  const restore = reader.read("restore", schema.restore);
  const worker = reader.read("worker", schema.worker);
  const isDirect = access === "direct";
  const providers = readProviders(reader, { byokOnly: gateway?.byokOnly ?? true, isDirect });
  const surroundings = {
    providers: providers ?? [],
    metadata: isDirect ? undefined : (worker?.metadata ?? {}),
  };
  const [route, ...furtherRoutes] = readRoutes(reader, surroundings) ?? [];
  const openclaw = reader.read("openclaw", schema.openclaw);
  const hosts = reader.read("hosts", schema.hosts);
  if (openclaw && route) {
    const served = { routes: [route, ...furtherRoutes] as const, providers: providers ?? [] };
    refuseForeignModels(reader, ["openclaw"], openclaw, served);
    (hosts ?? []).forEach((host, index) => {
      const at = ["hosts", index, "openclaw"];
      refuseForeignModels(reader, at, host.openclaw ?? {}, served);
      if (host.openclaw?.fallbacks?.length && !(host.openclaw.primaryModel ?? openclaw.primaryModel)) {
        reader.add([...at, "fallbacks"], host.openclaw.fallbacks, "there is no primaryModel beside them");
      }
    });
  }
  refuseSharedHosts(reader, hosts ?? []);
  if (isDirect) refuseInDirect(reader, openclaw, hosts ?? []);
  const baseUrl = readCloudflare(reader, raw);
  const names = {
    gateway: gateway && reader.check(["gateway", "id"], gatewayId, gateway.id ?? name),
    worker: worker && reader.check(["worker", "name"], schema.workerName, worker.name ?? name),
  };
  if (
    !access ||
    !accountId ||
    !gateway ||
    !runToken ||
    !preflight ||
    !restore ||
    !worker ||
    !providers ||
    !route ||
    !openclaw ||
    !hosts
  )
    return { problems: reader.problems };
  if (!names.gateway || !names.worker || reader.problems.length > 0) return { problems: reader.problems };
  return {
    config: {
      access,
      unused: isDirect ? unusedInDirect(raw.values) : [],
      accountId,
      baseUrl,
      gateway: { ...gateway, id: names.gateway },
      runToken,
      preflight,
      restore,
      worker: { ...worker, name: names.worker, url: worker.url },
      providers,
      routes: [route, ...furtherRoutes],
      openclaw,
      hosts,
    },
  };
}

/**
 * The name that every object at Cloudflare has unless one is configured: apart for each stack of an account, and for
 * each project that was made from this one under a name of its own.
 */
export function nameFrom(project: string, stack: string): string {
  const words = `${project.replace(/-ai-gateway$/, "")}-${stack}`;
  return words.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

/** What OpenClaw is told to use has to go through the gateway. */
function refuseForeignModels(
  reader: Reader,
  at: readonly (string | number)[],
  { primaryModel, fallbacks = [], models = [] }: NonNullable<schema.HostInput["openclaw"]>,
  { routes, providers }: Pick<ParsedConfig, "routes" | "providers">,
): void {
  const served = new Set(providers.map(({ provider }) => provider.openclaw.providerId));
  const refs: [(string | number)[], string][] = [
    ...(primaryModel === undefined ? [] : [[["primaryModel"], primaryModel] as [string[], string]]),
    ...fallbacks.map((ref, index): [(string | number)[], string] => [["fallbacks", index], ref]),
    ...models.map(({ ref }, index): [(string | number)[], string] => [["models", index, "ref"], ref]),
  ];
  for (const [path, ref] of refs) {
    if (served.has(splitRef(ref).provider) || isCompatModel(ref, routes)) continue;
    reader.add([...at, ...path], ref, "of no provider that is configured");
  }
}

/** One of the stack's routes, or a model of Workers AI, which needs no key. */
function isCompatModel(ref: string, routes: ParsedConfig["routes"]): boolean {
  return (
    routes.some(({ name }) => ref === routeModelRef(name)) ||
    ref.startsWith(`${COMPAT.openclaw.providerId}/workers-ai/@cf/`)
  );
}

/** These two keys are the official provider's own; they are checked here so that they are reported with the rest. */
function readCloudflare(reader: Reader, raw: RawConfig): string | undefined {
  reader.check(["cloudflare:apiToken"], schema.apiToken, raw.apiToken ?? "");
  if (raw.baseUrl === undefined) return undefined;
  return reader.check(["cloudflare:baseUrl"], schema.baseUrl, raw.baseUrl);
}
