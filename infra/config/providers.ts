import { z } from "zod";
import {
  type LlmProvider,
  llmProvider,
  looksLikeKeyOf,
  type ProviderRoute,
  vendorOfKey,
} from "../llm-providers";
import { ENDPOINT_DEFAULTS, type ProviderEntry } from "../worker/bindings";
import { removeCommand } from "./problems";
import type { Reader } from "./reader";

/** A provider that is to be served, as it was configured. */
export interface ConfiguredProvider {
  readonly provider: LlmProvider;
  /** Plain; `loadConfig` wraps it. Left out where the Worker has none: the gateway holds it, or none is needed. */
  readonly apiKey?: string;
  /** The key that the stack stores at the gateway. */
  readonly storedKey?: StoredKey;
  /** Whether the gateway can pay for a dynamic route's requests to it: by a stored key, or by the account's credits. */
  readonly servesRoutes: boolean;
  /** What the Worker is told: the slug alone where the table says the rest. */
  readonly entry: string | ProviderEntry;
}

/** A key that is to be stored at the gateway. */
export interface StoredKey {
  /** Under what name, among the gateway's keys of that provider. */
  readonly alias: string;
  /** Plain; `loadConfig` wraps it. */
  readonly value: string;
}

/** The alias that the gateway uses when a request names none. */
const DEFAULT_ALIAS = "default";

const headerName = z
  .string()
  .regex(/^(?!cf-|.*authorization$|cookie$|host$|(x-(goog-)?)?api-key$)[a-z0-9-]+$/);
const headerText = z.string().regex(/^[\x20-\x7e]{1,200}$/);
const pathPrefix = z.string().regex(/^(\/[\w@-][\w@.-]*)*$/);
const route = z
  .string()
  .regex(/^(GET|POST) (\/([\w@-][\w@.:-]*|\{model\}(:\w+)?))+(\?[\w-]+(&[\w-]+)*)?$/)
  .transform((text) => text as ProviderRoute);
const models = z.array(z.strictObject({ id: z.string().min(1), name: z.string().min(1) })).min(1);

/** What may be set for any provider. */
const common = {
  apiKey: z.string().min(1).optional(),
  byokAlias: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  /** Who holds the key: the Worker, the gateway, or each of them. */
  keyStore: z.enum(["worker", "gateway", "both"]).optional(),
  unifiedBilling: z.boolean().optional(),
  models: models.optional(),
};

/** How a provider is paid. */
type Payment = Pick<
  z.output<z.ZodObject<typeof common>>,
  "apiKey" | "byokAlias" | "keyStore" | "unifiedBilling"
>;

/** A provider that the table has. */
export const knownProvider = z.strictObject({
  ...common,
  attribution: z.strictObject({ referer: headerText.optional(), title: headerText.optional() }).optional(),
});

/** A provider that the table does not know says itself what its API is like. */
export const furtherProvider = z.strictObject({
  ...common,
  name: z.string().min(1).optional(),
  apiFamily: z.enum(["openai", "anthropic", "google"]).default(ENDPOINT_DEFAULTS.apiFamily),
  keyHeader: z.enum(["authorization", "x-api-key", "x-goog-api-key", "none"]).default("authorization"),
  routes: z
    .array(route)
    .min(1)
    .prefault([...ENDPOINT_DEFAULTS.routes]),
  pathPrefixes: z
    .array(pathPrefix)
    .min(1)
    .default([...ENDPOINT_DEFAULTS.pathPrefixes]),
  sentPrefix: pathPrefix.optional(),
  requestHeaders: z.array(headerName).default([]),
  openclaw: z
    .strictObject({ api: z.string().min(1).optional(), basePath: z.string().startsWith("/").optional() })
    .prefault({}),
});

/** Slugs of AI Gateway; what the Worker serves itself is none. */
const FURTHER_SLUG = /^(?!compat$|healthz$|readyz$|v1$|chat$|responses$|embeddings$)[a-z0-9][a-z0-9-]{0,63}$/;

/** What the providers are checked against. */
export interface ProviderSurroundings {
  /** Whether the account's credits may pay for nothing. */
  readonly byokOnly: boolean;
  /** Whether hosts call the gateway themselves, each with its own provider keys. */
  readonly isDirect: boolean;
}

/** The enabled providers, sorted by slug, each with a way for it to be paid. */
export function readProviders(
  reader: Reader,
  surroundings: ProviderSurroundings,
): ConfiguredProvider[] | undefined {
  const entries = reader.read("providers", z.record(z.string(), z.unknown()));
  if (entries === undefined) return undefined;
  const read = Object.entries(entries).flatMap(([slug, entry]) => {
    const configured = llmProvider(slug)
      ? readKnown(reader, slug, entry, surroundings)
      : readFurther(reader, slug, entry, surroundings);
    return configured === undefined ? [] : [configured];
  });
  return read.sort((a, b) => (a.provider.slug < b.provider.slug ? -1 : 1));
}

function readKnown(
  reader: Reader,
  slug: string,
  entry: unknown,
  surroundings: ProviderSurroundings,
): ConfiguredProvider | undefined {
  const provider = llmProvider(slug);
  // `pulumi config set` writes no empty object.
  const checked = reader.check(["providers", slug], knownProvider, entry === true ? {} : entry);
  if (provider === undefined || checked === undefined) return undefined;
  const { apiKey, byokAlias, keyStore, unifiedBilling, attribution, models: listed } = checked;
  const payment = { apiKey, byokAlias, keyStore, unifiedBilling };
  checkPayment(reader, slug, payment, !provider.runTokenKey, surroundings);
  if (attribution !== undefined && provider.defaultHeaders === undefined) {
    reader.add(["providers", slug, "attribution"], attribution, `${provider.name} takes none`);
  }
  if (apiKey !== undefined) checkKey(reader, provider, apiKey);
  const defaultHeaders = attribution && {
    ...(attribution.referer === undefined ? {} : { "http-referer": attribution.referer }),
    ...(attribution.title === undefined ? {} : { "x-openrouter-title": attribution.title }),
  };
  const { settings, ...keys } = paidBy(payment, surroundings);
  const set = { ...settings, ...(defaultHeaders ? { defaultHeaders } : {}) };
  return {
    provider: listed ? { ...provider, openclaw: { ...provider.openclaw, models: listed } } : provider,
    ...keys,
    entry: Object.keys(set).length === 0 ? slug : { slug, ...set },
  };
}

function readFurther(
  reader: Reader,
  slug: string,
  entry: unknown,
  surroundings: ProviderSurroundings,
): ConfiguredProvider | undefined {
  const path = ["providers", slug];
  const isOne = FURTHER_SLUG.test(slug);
  const describes =
    entry !== null && typeof entry === "object" && ("routes" in entry || slug.startsWith("custom-"));
  if (!isOne || !describes) {
    const reason = `'${slug}' is no provider that this project knows, and has no routes of its own`;
    reader.add(path, entry, reason, removeCommand(path));
    return undefined;
  }
  if (surroundings.isDirect) {
    const reason = "access is direct, and under which name a host has its key for it is not known";
    reader.add(
      path,
      entry,
      reason,
      `${removeCommand(path)}, and add it to openclaw.json on the host by hand`,
    );
    return undefined;
  }
  const checked = reader.check(path, furtherProvider, entry);
  if (checked === undefined) return undefined;
  const { models: listed, name = slug, openclaw, keyHeader, ...rest } = checked;
  const { apiKey, byokAlias, keyStore, unifiedBilling, ...facts } = rest;
  const payment = { apiKey, byokAlias, keyStore, unifiedBilling };
  checkPayment(reader, slug, payment, keyHeader !== "none", surroundings);
  const { settings, ...keys } = paidBy(payment, surroundings);
  const described: ProviderEntry = {
    slug,
    ...defined(facts),
    ...settings,
    keyHeader: keyHeader === "none" ? null : keyHeader,
  };
  const provider: LlmProvider = {
    ...ENDPOINT_DEFAULTS,
    ...described,
    keyHeader: keyHeader === "none" ? "authorization" : keyHeader,
    name,
    keyEnvNames: [],
    openclaw: {
      providerId: `cf-${slug}`,
      api: openclaw.api ?? API_OF_FAMILY[facts.apiFamily],
      basePath: openclaw.basePath ?? `/${slug}${facts.pathPrefixes[0] ?? ""}`,
      ...(listed ? { models: listed } : {}),
    },
  };
  return { provider, ...keys, entry: described };
}

/** OpenClaw's name for each wire format. */
const API_OF_FAMILY = {
  openai: "openai-completions",
  anthropic: "anthropic-messages",
  google: "google-generative-ai",
} as const;

/** A provider is paid by one of three, or needs none. */
function checkPayment(
  reader: Reader,
  slug: string,
  { apiKey, byokAlias, keyStore, unifiedBilling }: Payment,
  needsKey: boolean,
  { byokOnly, isDirect }: ProviderSurroundings,
): void {
  const path = ["providers", slug];
  const isStored = keyStore === "gateway" || keyStore === "both";
  // Beside a key that the stack stores, the alias is the name that it is stored under.
  const ways = [apiKey, isStored ? undefined : byokAlias, unifiedBilling || undefined];
  const count = ways.filter((way) => way !== undefined).length;
  if (count > 1) reader.add(path, undefined, "has more than one of apiKey, byokAlias and unifiedBilling");
  if (isStored && !needsKey) {
    reader.add(
      [...path, "keyStore"],
      keyStore,
      "this provider takes no key",
      removeCommand([...path, "keyStore"]),
    );
  } else if (isStored ? apiKey === undefined : count === 0 && needsKey && !isDirect) {
    reader.add([...path, "apiKey"], undefined, "is not set");
  }
  if (unifiedBilling && byokOnly) {
    reader.add([...path, "unifiedBilling"], true, "gateway.byokOnly forbids it; set that to false");
  }
}

/** Which key goes where, and what the Worker is told. */
function paidBy(
  { apiKey, byokAlias, keyStore = "worker", unifiedBilling }: Payment,
  { isDirect }: ProviderSurroundings,
) {
  const alias = byokAlias ?? DEFAULT_ALIAS;
  const storedKey = keyStore === "worker" || apiKey === undefined ? undefined : { alias, value: apiKey };
  const workerKey = keyStore === "gateway" || isDirect ? undefined : apiKey;
  // A key of the Worker's own goes before a stored one, so it names none.
  const sentAlias = storedKey === undefined ? byokAlias : workerKey === undefined ? alias : undefined;
  return {
    ...defined({ apiKey: workerKey, storedKey }),
    servesRoutes: storedKey !== undefined || byokAlias !== undefined || unifiedBilling === true,
    settings: defined({ byokAlias: sentAlias, unifiedBilling }),
  };
}

/** A key under the wrong provider's name is a common slip, and would be sent to that provider. */
function checkKey(reader: Reader, provider: LlmProvider, apiKey: string): void {
  if (looksLikeKeyOf(provider, apiKey)) return;
  const other = vendorOfKey(apiKey);
  const reason =
    other === provider
      ? `a log-in token of ${provider.name}, which its API does not take as a key`
      : other === undefined
        ? `no key of ${provider.name}`
        : `a key of ${other.name}, not of ${provider.name}`;
  reader.add(["providers", provider.slug, "apiKey"], apiKey, reason);
}

/** The properties that are set. */
function defined<T extends object>(settings: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
