import { randomBytes } from "node:crypto";
import type { Toolchain } from "../setup";
import { type LocalCloudflare, type LocalCloudflareOptions, startLocalCloudflare } from "./cloudflare";
import { LocalStack } from "./stack";
import { createLocalVps, type LocalVps } from "./vps";

export interface LocalEnvironmentOptions extends Pick<LocalCloudflareOptions, "streamPace"> {
  toolchain: Toolchain;
  /** Stack name. Default: `dev`. */
  stack?: string;
  /** Names of the VPSes to make. Default: one, `vps1`. */
  hosts?: readonly string[];
  /** Keys merged over the generated plain configuration, by full key. */
  config?: Record<string, unknown>;
}

/**
 * Everything a whole run needs, on loopback: local Cloudflare, VPSes as their operators have them today (running, with
 * provider keys in their `.env`), and a stack that is configured to move them and not applied yet.
 */
export interface LocalEnvironment {
  cloudflare: LocalCloudflare;
  vps: readonly LocalVps[];
  stack: LocalStack;
  /** The (fake) provider keys by gateway slug; what a search for leaked secrets looks for. */
  providerKeys: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function createLocalEnvironment(options: LocalEnvironmentOptions): Promise<LocalEnvironment> {
  const stackName = options.stack ?? "dev";
  const providerKeys = fakeProviderKeys();
  const opened: { close: () => Promise<void> }[] = [];
  const close = async () => {
    // Last opened first: a stack and a VPS use the Cloudflare that was started before them.
    for (const resource of opened.reverse()) await resource.close();
  };
  try {
    const cloudflare = await startLocalCloudflare({
      providerKeys,
      ...(options.streamPace === undefined ? {} : { streamPace: options.streamPace }),
    });
    opened.push(cloudflare);

    const vps: LocalVps[] = [];
    for (const name of options.hosts ?? ["vps1"]) {
      const host = await createLocalVps({
        name,
        toolchain: options.toolchain,
        providersUrl: cloudflare.providersUrl,
        providerKeys,
      });
      opened.push({ close: () => host.stop() });
      vps.push(host);
    }

    const stack = await LocalStack.create({
      engine: options.toolchain.engine,
      name: stackName,
      config: { ...stackConfig(stackName, cloudflare, vps), ...options.config },
      secrets: stackSecrets(cloudflare, vps, providerKeys),
    });
    opened.push({ close: async () => stack.dispose() });
    return { cloudflare, vps, stack, providerKeys, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const key = (name: string) => `openclaw-ai-gateway:${name}`;

function stackConfig(
  stack: string,
  cloudflare: LocalCloudflare,
  vps: readonly LocalVps[],
): Record<string, unknown> {
  return {
    "cloudflare:baseUrl": cloudflare.apiUrl,
    [key("accountId")]: cloudflare.accountId,
    [key("gateway")]: { url: cloudflare.gatewayUrl },
    [key("worker")]: { url: cloudflare.workerUrl(`openclaw-${stack}`) },
    [key("hosts")]: vps.map(({ name, address, port, user, hostKey, directory, service }) => ({
      name,
      address,
      port,
      user,
      hostKey,
      directory,
      service,
    })),
  };
}

function stackSecrets(
  cloudflare: LocalCloudflare,
  vps: readonly LocalVps[],
  providerKeys: Record<string, string>,
): Record<string, string> {
  return {
    "cloudflare:apiToken": cloudflare.apiToken,
    ...Object.fromEntries(
      Object.entries(providerKeys).map(([slug, value]) => [key(`providers["${slug}"].apiKey`), value]),
    ),
    ...Object.fromEntries(vps.map((host, index) => [key(`hosts[${index}].privateKey`), host.privateKey])),
  };
}

/** Keys with the shape of real ones, made anew for each run, so that finding one anywhere means it leaked from here. */
function fakeProviderKeys(): Record<string, string> {
  const random = (length: number) => randomBytes(length).toString("hex").slice(0, length);
  return {
    anthropic: `sk-ant-api03-${random(80)}AA`,
    openai: `sk-proj-${random(48)}`,
    "google-ai-studio": `AIza${random(35)}`,
    openrouter: `sk-or-v1-${random(64)}`,
  };
}
