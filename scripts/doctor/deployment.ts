import { type ParsedConfig, parseConfig } from "../../infra/config/parse";
import { ConfigError } from "../../infra/config/problems";
import { AUTH_TOKEN_ENV } from "../../infra/host/openclaw-config";
import { withProgram } from "../../infra/host/payload";
import { hostProgram } from "../../infra/host/program";
import { type ExportedStack, type HostInState, hostsInState, plain } from "../../infra/stack-status";
import { CannotRun } from "../lib/command";
import type { OperatorStack, Settings } from "../lib/operator-stack";
import { projectName } from "../lib/project";

/** A host of the stack, as it was set up. */
export interface DeployedHost extends HostInState {
  /** Secret: what the Worker takes from it. Undefined for one that is cut off, and where there is no Worker. */
  readonly token: string | undefined;
  /** Secret: the input of its last apply, for the verbs that only look. */
  readonly questions: string;
}

/** What doctor has in hand: the configuration, and what the last `pulumi up` made of it. Full of secrets. */
export interface Deployment {
  readonly config: ParsedConfig;
  /** The deploying token. */
  readonly apiToken: string;
  readonly runToken: string;
  /** Undefined with `access: direct`. */
  readonly workerUrl: string | undefined;
  readonly gatewayUrl: string;
  readonly hosts: readonly DeployedHost[];
  /** Every value that must not be shown. */
  readonly secrets: readonly string[];
}

/** @throws CannotRun when the configuration has problems, or the stack was never deployed */
export async function readDeployment(stack: OperatorStack): Promise<Deployment> {
  const settings = await stack.settings().catch(cannotRun);
  const exported = await stack.exported().catch(cannotRun);
  return deploymentOf(stack.name, settings, exported);
}

function cannotRun(error: unknown): never {
  throw new CannotRun(error instanceof Error ? error.message : String(error));
}

export function deploymentOf(stack: string, settings: Settings, exported: ExportedStack): Deployment {
  const apiToken = settings["cloudflare:apiToken"]?.value ?? process.env.CLOUDFLARE_API_TOKEN;
  const config = configOf(stack, settings, apiToken);
  const resources = exported.deployment.resources ?? [];
  const find = (name: RegExp) => resources.find(({ urn }) => name.test(urn));
  const outputs = plain(find(/::pulumi:pulumi:Stack::/)?.outputs ?? {}) as Record<string, unknown>;
  const runToken = plain(find(/::run-token-trial$/)?.inputs?.token);
  const { gatewayUrl, openclawEnv } = outputs;
  const workerUrl = typeof outputs.workerUrl === "string" ? outputs.workerUrl : undefined;
  const isWhole = workerUrl !== undefined || config.access === "direct";
  if (!isWhole || typeof gatewayUrl !== "string" || typeof runToken !== "string") {
    throw new CannotRun(`Stack ${stack} is not deployed. Deploy it: pulumi up --stack ${stack}`);
  }
  const tokens = (openclawEnv ?? {}) as Record<string, Record<string, string>>;
  const hosts = hostsInState(exported).map((host) => ({
    ...host,
    // The program that was applied may know fewer verbs.
    questions: withProgram(host.applyStdin ?? host.stdin, hostProgram()),
    token: tokens[host.name]?.[AUTH_TOKEN_ENV],
  }));
  return {
    config,
    apiToken: apiToken ?? "",
    runToken,
    workerUrl,
    gatewayUrl,
    hosts,
    secrets: [
      ...secretsOf(config),
      apiToken ?? "",
      runToken,
      ...hosts.flatMap(({ token }) => token ?? []),
    ].filter((secret) => secret.length >= SHORTEST_SECRET),
  };
}

/** What is shorter could be any word of a sentence. */
const SHORTEST_SECRET = 8;

function configOf(stack: string, settings: Settings, apiToken: string | undefined): ParsedConfig {
  const project = projectName();
  const values = Object.entries(settings).flatMap(([key, entry]) =>
    key.startsWith(`${project}:`)
      ? [[key.slice(project.length + 1), entry?.objectValue ?? entry?.value] as const]
      : [],
  );
  const result = parseConfig({
    project,
    stack,
    values: Object.fromEntries(values),
    apiToken,
    baseUrl: settings["cloudflare:baseUrl"]?.value,
  });
  if ("problems" in result) throw new CannotRun(new ConfigError(stack, result.problems).message);
  return result.config;
}

/** Everything in the configuration that opens something. */
function secretsOf({ providers, runToken, hosts, gateway }: ParsedConfig): string[] {
  const keys = providers.flatMap(({ apiKey, storedKey }) => [apiKey, storedKey?.value]);
  const logIns = hosts.flatMap(({ privateKey, jumpHost }) => [privateKey, jumpHost?.privateKey]);
  const receivers = gateway.otels.flatMap(({ authorization, headers }) => [
    authorization,
    ...Object.values(headers),
  ]);
  return [...keys, ...logIns, ...receivers, runToken.value, gateway.stripe?.authorization].flatMap(
    (secret) => secret ?? [],
  );
}
