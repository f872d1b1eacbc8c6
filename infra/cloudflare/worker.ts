import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { EnabledProvider } from "../config";
import { COMPAT } from "../llm-providers";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, keyBinding, MAIN_MODULE } from "../worker/bindings";
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
    this.subdomain = new cloudflare.WorkersScriptSubdomain(
      `${name}-address`,
      // Preview addresses would serve every version that was ever uploaded.
      { accountId, scriptName: this.script.scriptName, enabled: true, previewsEnabled: false },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

type Binding = cloudflare.types.input.WorkersScriptBinding;

/** Sorted by name: the provider compares bindings in their order. */
function bindingsOf(args: ProxyWorkerArgs): Binding[] {
  const slugs = [...args.providers.map(({ provider }) => provider.slug), COMPAT.slug].sort();
  const bindings: (Binding & { name: string })[] = [
    plain("ACCOUNT_ID", args.accountId),
    plain("GATEWAY_ID", args.gatewayId),
    plain("GATEWAY_URL", args.gatewayUrl),
    secret("HOST_TOKENS", hashHostTokens(args.hostTokens)),
    plain("PROVIDERS", JSON.stringify(slugs)),
    secret("RUN_TOKEN", args.runToken),
    ...args.providers.map(({ provider, apiKey }) => secret(keyBinding(provider.slug), apiKey)),
  ];
  return bindings.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function plain(name: string, text: pulumi.Input<string>): Binding & { name: string } {
  return { name, type: "plain_text", text };
}

function secret(name: string, text: pulumi.Output<string>): Binding & { name: string } {
  return { name, type: "secret_text", text: pulumi.secret(text) };
}
