import * as pulumi from "@pulumi/pulumi";
import type { HostState, TokenGenerations } from "./config/hosts";
import { type ParsedConfig, parseConfig, type RawConfig } from "./config/parse";
import { ConfigError } from "./config/problems";
import type { ConfiguredProvider } from "./config/providers";
import type { RunTokenInput } from "./config/run-token";
import type { HostConfig } from "./host/host-config";

export { ConfigError } from "./config/problems";

/** A provider that the Worker serves, with the operator's key for it. */
export interface EnabledProvider extends Omit<ConfiguredProvider, "apiKey" | "storedKey" | "servesRoutes"> {
  /** Secret. The key that the Worker sends; left out where the gateway holds it, or where none is needed. */
  readonly apiKey?: pulumi.Output<string>;
  /** The key that is stored at the gateway. */
  readonly storedKey?: {
    readonly alias: string;
    /** Secret. */
    readonly value: pulumi.Output<string>;
  };
}

/** A host, and what is to become of it. */
export interface StackHost extends HostConfig {
  readonly state: HostState;
  /** Whether it is changed before the hosts that are none. */
  readonly canary: boolean;
  readonly tokenGenerations: TokenGenerations;
  /** What it has in the place of the stack's own settings. */
  readonly openclaw?: HostOpenClaw | undefined;
}

type HostOpenClaw = ParsedConfig["hosts"][number]["openclaw"];

type ParsedGateway = ParsedConfig["gateway"];

/** Settings of the gateway. The credentials of those who receive its data are secret, as a whole each. */
export interface Gateway extends Omit<ParsedGateway, "otels" | "stripe"> {
  readonly otels: pulumi.Output<ParsedGateway["otels"]> | undefined;
  readonly stripe: pulumi.Output<NonNullable<ParsedGateway["stripe"]>> | undefined;
}

/** The stack's whole configuration: plain data, and a secret Output for everything that must not be seen. */
export interface StackConfig extends Omit<ParsedConfig, "gateway" | "runToken" | "providers" | "hosts"> {
  readonly stack: string;
  /** Secret; undefined when the token comes from the environment, where the provider plugins find it themselves. */
  readonly apiToken: pulumi.Output<string> | undefined;
  readonly gateway: Gateway;
  readonly runToken: Omit<RunTokenInput, "value"> & {
    /** Secret: the operator's own token. Undefined where the stack makes one. */
    readonly value: pulumi.Output<string> | undefined;
  };
  readonly providers: readonly EnabledProvider[];
  readonly hosts: readonly StackHost[];
}

/**
 * Reads and checks the configuration of the current stack.
 *
 * @throws ConfigError with every problem at once
 */
export function loadConfig(): StackConfig {
  const stack = pulumi.getStack();
  const result = parseConfig(readRaw(stack));
  if ("problems" in result) throw new ConfigError(stack, result.problems);
  const { gateway, runToken, providers, hosts, ...plain } = result.config;
  return {
    ...plain,
    stack,
    gateway: {
      ...gateway,
      otels: gateway.otels.length === 0 ? undefined : pulumi.secret(gateway.otels),
      stripe: gateway.stripe && pulumi.secret(gateway.stripe),
    },
    runToken: { ...runToken, value: secretOf(runToken.value) },
    apiToken: new pulumi.Config("cloudflare").getSecret("apiToken"),
    providers: providers.map(enabledProvider),
    hosts: hosts.map((host) => ({
      ...host,
      privateKey: secretOf(host.privateKey),
      jumpHost: host.jumpHost && { ...host.jumpHost, privateKey: secretOf(host.jumpHost.privateKey) },
    })),
  };
}

/** The deploying token itself, for calls that the program makes before any resource. Validated by `loadConfig`. */
export function deployingToken(): string {
  return readApiToken() ?? "";
}

function readApiToken(): string | undefined {
  return new pulumi.Config("cloudflare").get("apiToken") ?? process.env.CLOUDFLARE_API_TOKEN;
}

function secretOf(value: string | undefined): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}

function enabledProvider({ provider, entry, apiKey, storedKey }: ConfiguredProvider): EnabledProvider {
  return {
    provider,
    entry,
    ...(apiKey === undefined ? {} : { apiKey: pulumi.secret(apiKey) }),
    ...(storedKey === undefined
      ? {}
      : { storedKey: { alias: storedKey.alias, value: pulumi.secret(storedKey.value) } }),
  };
}

function readRaw(stack: string): RawConfig {
  const cloudflare = new pulumi.Config("cloudflare");
  return {
    project: pulumi.getProject(),
    stack,
    values: readValues(),
    apiToken: readApiToken(),
    baseUrl: cloudflare.get("baseUrl"),
  };
}

/** Every key under the project's name, so that one that nobody reads (a typing slip) is found too. */
function readValues(): Record<string, unknown> {
  const prefix = `${pulumi.getProject()}:`;
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(prefix));
  const config = new pulumi.Config();
  return Object.fromEntries(
    keys.map((key) => {
      const name = key.slice(prefix.length);
      return [name, parseValue(config.get(name) ?? "")];
    }),
  );
}

/** Objects and lists arrive as JSON; everything else is text. */
function parseValue(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
