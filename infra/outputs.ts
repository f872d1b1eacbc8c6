import * as pulumi from "@pulumi/pulumi";
import type { DynamicRoutes } from "./cloudflare/routes";
import { runTokenName } from "./cloudflare/run-token";
import type { StackConfig } from "./config";
import { RUN_TOKEN_ENV } from "./host/direct-access";
import { AUTH_TOKEN_ENV, type OpenClawPatch, routeModel, WORKER_URL_ENV } from "./host/openclaw-config";
import type { HeldToken, Hosts } from "./hosts";
import type { HostsAccess } from "./hosts-access";
import { renderReadme } from "./readme";

export interface StackParts {
  readonly access: HostsAccess;
  readonly gatewayId: pulumi.Output<string>;
  readonly gatewayUrl: pulumi.Output<string>;
  readonly routes: DynamicRoutes;
  readonly openclawConfig: Partial<OpenClawPatch>;
  /** The token that each host has. */
  readonly heldTokens: readonly HeldToken[];
  /** What was applied, by the host's name. */
  readonly applied: Hosts["applied"];
  readonly config: StackConfig;
}

/** What the stack hands to OpenClaw and to the operator. */
export interface StackOutputs {
  /** Address of the Worker; OpenClaw's base URLs begin with it. Left out with `access: direct`, which has none. */
  readonly workerUrl?: string;
  readonly gatewayId: pulumi.Output<string>;
  /** Address of the gateway itself, as the Worker calls it; with `access: direct` as the hosts do. */
  readonly gatewayUrl: pulumi.Output<string>;
  /** The model name that asks for the default route. */
  readonly routeModel: pulumi.Output<string>;
  /** The same for every route, by its key in the configuration. */
  readonly routeModels: Readonly<Record<string, pulumi.Output<string>>>;
  /** What is merged into `openclaw.json`; holds no secret. */
  readonly openclawConfig: Partial<OpenClawPatch>;
  /** Secret: the lines of each host's `.env`. */
  readonly openclawEnv: pulumi.Output<Record<string, Record<string, string>>>;
  readonly hosts: Readonly<Record<string, pulumi.Output<unknown>>>;
  /** Markdown: what exists and where, and how to look after it. */
  readonly readme: pulumi.Output<string>;
}

export function stackOutputs(parts: StackParts): StackOutputs {
  const { access, gatewayId, gatewayUrl, openclawConfig } = parts;
  return {
    ...(access.kind === "worker" ? { workerUrl: access.url } : {}),
    gatewayId,
    gatewayUrl,
    routeModel: parts.routes.default.name.apply(routeModel),
    routeModels: Object.fromEntries(
      Object.entries(parts.routes.byKey).map(([key, route]) => [key, route.name.apply(routeModel)]),
    ),
    openclawConfig,
    openclawEnv: openclawEnv(access, parts.heldTokens),
    hosts: parts.applied,
    readme: readme(parts),
  };
}

function readme({ config, access, gatewayId, gatewayUrl, routes, applied }: StackParts) {
  const names = Object.values(routes.byKey).map(({ name }) => name);
  return pulumi
    .all([gatewayId, gatewayUrl, routes.default.name, pulumi.all(names), pulumi.all(applied)] as const)
    .apply(([gatewayId, gatewayUrl, route, routeNames, hosts]) =>
      renderReadme({
        stack: config.stack,
        accountId: config.accountId,
        ...(access.kind === "worker" ? { workerUrl: access.url } : {}),
        workerName: config.worker.name,
        tokenName: runTokenName(config),
        gatewayId,
        gatewayUrl,
        routeModel: routeModel(route),
        routeModels: routeNames.map(routeModel),
        ownRunToken: config.runToken.value !== undefined,
        providers: config.providers.map(({ provider }) => provider.name),
        hosts: Object.entries(hosts).map(([name, host]) => ({ name, ...host })),
      }),
    );
}

function openclawEnv(
  access: HostsAccess,
  tokens: readonly HeldToken[],
): pulumi.Output<Record<string, Record<string, string>>> {
  const hosts = tokens.map(({ host, value }) =>
    value.apply((token): [string, Record<string, string>] => [
      host,
      access.kind === "direct"
        ? { [RUN_TOKEN_ENV]: token }
        : { [WORKER_URL_ENV]: access.url, [AUTH_TOKEN_ENV]: token },
    ]),
  );
  return pulumi.secret(pulumi.all(hosts).apply((entries) => Object.fromEntries(entries)));
}
