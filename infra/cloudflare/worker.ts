import { createHash } from "node:crypto";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { EnabledProvider, StackConfig } from "../config";
import { COMPAT } from "../llm-providers";
import { type OpenClawProvider, WorkersSubdomain } from "../pulumi-provider/resources";
import {
  COMPATIBILITY_DATE,
  COMPATIBILITY_FLAGS,
  keyBinding,
  MAIN_MODULE,
  type WorkerSettings,
} from "../worker/bindings";
import { type HostToken, hashHostTokens } from "./host-tokens";
import { bundleWorker } from "./worker-bundle";

export interface ProxyWorkerArgs {
  readonly accountId: string;
  /** The script's name, the first label of its workers.dev address. */
  readonly scriptName: string;
  readonly gatewayId: pulumi.Input<string>;
  /** Origin of the gateway. */
  readonly gatewayUrl: string;
  readonly providers: readonly EnabledProvider[];
  /** Whether `/compat` may use the account's credits. */
  readonly unifiedBilling: boolean;
  readonly settings: Pick<
    StackConfig["worker"],
    "maxBodyBytes" | "metadata" | "rateLimit" | "domain" | "zoneId" | "zoneName"
  >;
  /** What has to be there before an address at workers.dev can be. */
  readonly workersSubdomain?: pulumi.Resource | undefined;
  /** Secret. */
  readonly runToken: pulumi.Output<string>;
  readonly hostTokens: readonly HostToken[];
}

/**
 * The Worker between the hosts and the gateway. Code and secrets go up in one upload, so no version of it ever runs
 * with half of them.
 */
export class ProxyWorker extends pulumi.ComponentResource {
  readonly script: cloudflare.WorkersScript;
  readonly subdomain: cloudflare.WorkersScriptSubdomain;
  /** Undefined when the Worker is at workers.dev. */
  readonly domain: cloudflare.WorkersCustomDomain | undefined;

  constructor(name: string, args: ProxyWorkerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("openclaw-ai-gateway:cloudflare:ProxyWorker", name, {}, opts);
    const { accountId, scriptName } = args;
    this.script = new cloudflare.WorkersScript(
      `${name}-script`,
      {
        accountId,
        scriptName,
        content: bundleWorker(),
        mainModule: MAIN_MODULE,
        compatibilityDate: COMPATIBILITY_DATE,
        compatibilityFlags: [...COMPATIBILITY_FLAGS],
        bindings: bindingsOf(args),
        logpush: false,
        observability: { enabled: true },
      },
      // The provider does not know that a binding's text can be a secret.
      { parent: this, additionalSecretOutputs: ["bindings"] },
    );
    const parent = { parent: this };
    const { workersSubdomain } = args;
    this.subdomain = new cloudflare.WorkersScriptSubdomain(
      `${name}-address`,
      {
        accountId,
        scriptName: this.script.scriptName,
        // One address is enough: with a domain, workers.dev would be a way around the rules of its zone.
        enabled: args.settings.domain === undefined,
        // Preview addresses would serve every version that was ever uploaded.
        previewsEnabled: false,
      },
      workersSubdomain === undefined ? parent : { ...parent, dependsOn: [workersSubdomain] },
    );
    this.domain = this.#customDomain(`${name}-domain`, args);
    this.registerOutputs({});
  }

  /** Brings its own DNS record and certificate. */
  #customDomain(name: string, { accountId, settings }: ProxyWorkerArgs) {
    const { domain: hostname, zoneId, zoneName } = settings;
    if (hostname === undefined) return undefined;
    return new cloudflare.WorkersCustomDomain(
      name,
      {
        accountId,
        hostname,
        service: this.script.scriptName,
        ...(zoneId === undefined ? {} : { zoneId }),
        ...(zoneName === undefined ? {} : { zoneName }),
      },
      { parent: this },
    );
  }
}

type Binding = cloudflare.types.input.WorkersScriptBinding;

/** Sorted by name: the provider compares bindings in their order. */
function bindingsOf(args: ProxyWorkerArgs): Binding[] {
  const compat = args.unifiedBilling ? { slug: COMPAT.slug, unifiedBilling: true } : COMPAT.slug;
  const entries = [compat, ...args.providers.map(({ entry }) => entry)].sort((a, b) =>
    slugOf(a) < slugOf(b) ? -1 : 1,
  );
  const bindings: (Binding & { name: string })[] = [
    plain("ACCOUNT_ID", args.accountId),
    plain("GATEWAY_ID", args.gatewayId),
    plain("GATEWAY_URL", args.gatewayUrl),
    secret("HOST_TOKENS", hashHostTokens(args.hostTokens)),
    plain("PROVIDERS", JSON.stringify(entries)),
    secret("RUN_TOKEN", args.runToken),
    ...args.providers.flatMap(({ provider, apiKey }) =>
      apiKey === undefined ? [] : [secret(keyBinding(provider.slug), apiKey)],
    ),
    ...optionalBindings(args),
  ];
  return bindings.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Bindings of what the operator has set; a Worker without them has no limits. */
function optionalBindings({
  accountId,
  scriptName,
  settings,
}: ProxyWorkerArgs): (Binding & { name: string })[] {
  const { rateLimit, maxBodyBytes, metadata } = settings;
  const said: WorkerSettings = {
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(rateLimit === undefined ? {} : { rateLimitPeriod: rateLimit.period }),
  };
  const bindings: (Binding & { name: string })[] = [];
  if (Object.keys(said).length > 0) bindings.push(plain("SETTINGS", JSON.stringify(said)));
  if (rateLimit !== undefined) {
    const namespaceId = rateLimitNamespace(accountId, scriptName);
    bindings.push({ name: "HOST_RATE_LIMIT", type: "ratelimit", namespaceId, simple: rateLimit });
  }
  return bindings;
}

/** Workers of one account that name the same namespace share its counters, so each stack has one of its own. */
function rateLimitNamespace(accountId: string, scriptName: string): string {
  const digest = createHash("sha256").update(`${accountId}/${scriptName}`).digest();
  return String(digest.readUInt32BE(0) % 2 ** 31);
}

function slugOf(entry: EnabledProvider["entry"]): string {
  return typeof entry === "string" ? entry : entry.slug;
}

function plain(name: string, text: pulumi.Input<string>): Binding & { name: string } {
  return { name, type: "plain_text", text };
}

function secret(name: string, text: pulumi.Output<string>): Binding & { name: string } {
  return { name, type: "secret_text", text: pulumi.secret(text) };
}

/** The account's name at workers.dev, where the stack is to make it. */
export function createWorkersSubdomain(
  name: string,
  { accountId, worker }: StackConfig,
  provider: OpenClawProvider,
): WorkersSubdomain | undefined {
  const wanted = worker.createSubdomain;
  return wanted === undefined ? undefined : new WorkersSubdomain(name, { accountId, wanted }, { provider });
}
