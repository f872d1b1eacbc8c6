import * as pulumi from "@pulumi/pulumi";
import { type HostToken, heldToken } from "./cloudflare/host-tokens";
import type { EnabledProvider, StackConfig, StackHost } from "./config";
import type { TokenGenerations } from "./config/hosts";
import { type AppliedHost, OpenClawHost } from "./host";
import { CutOffHost } from "./host/cut-off-host";
import { legacyWarning } from "./host/legacy-env";
import type { OpenClawPatch } from "./host/openclaw-config";
import { linesOf } from "./host/report";
import { restoreKeys } from "./host/restore-keys";
import type { HostLooks } from "./host-looks";
import { isCutOff, patchFor, settingsOf } from "./host-settings";
import type { HostsAccess } from "./hosts-access";
import type { OpenClawProvider } from "./pulumi-provider/resources";

export interface HostsArgs {
  readonly access: HostsAccess;
  /** What was found on the hosts. */
  readonly looks: HostLooks;
  readonly provider: OpenClawProvider;
  readonly dependsOn: readonly pulumi.Resource[];
}

/** A host that serves, and which of its tokens there are. */
export interface ServedHost extends AppliedHost {
  /** None of its own with `access: direct`. */
  readonly tokenGenerations?: TokenGenerations;
}

export interface Hosts {
  readonly openclawConfig: Partial<OpenClawPatch>;
  /** What was applied, by the host's name. */
  readonly applied: Readonly<Record<string, pulumi.Output<ServedHost>>>;
  /** The token that each of these hosts has. */
  readonly heldTokens: readonly HeldToken[];
  /** What has to be done before a token of the hosts can go. */
  readonly applies: readonly pulumi.Resource[];
}

/** A token, and the host that has it. */
export type HeldToken = Pick<HostToken, "host" | "value">;

/**
 * Puts the OpenClaw configuration on every host, each with its own token. An absent host is not mentioned at all: the
 * engine then deletes its guard, which restores it, at the end of the run.
 */
export function createHosts(config: StackConfig, args: HostsArgs): Hosts {
  const { access, looks, provider } = args;
  const { openclaw } = config;
  if (openclaw.env === "legacy" && config.hosts.length > 0) void pulumi.log.warn(legacyWarning());
  const options = { dependsOn: [...args.dependsOn] };
  const restored = config.restore.keys === "stack" ? { restoreKeys: keysOf(config.providers) } : {};

  for (const host of config.hosts.filter(isCutOff)) {
    const forgotten = host.state === "forgotten";
    new CutOffHost(`host-${host.name}`, { ...settingsOf(config, host), ...restored, forgotten }, options);
  }
  const create = (host: StackHost, applyAfter: readonly Created[]): Created => {
    const look = looks.get(host.name);
    const component = new OpenClawHost(
      `host-${host.name}`,
      {
        ...settingsOf(config, host),
        ...restored,
        url: access.url,
        token: tokenOf(host, access).value,
        drift: look !== undefined && "drift" in look ? look.drift : [],
        provider,
        applyAfter: applyAfter.map(({ component }) => component.apply),
      },
      options,
    );
    for (const line of look === undefined ? [] : linesOf(look)) {
      void pulumi.log.info(`host ${host.name}: ${line}`, component);
    }
    return { host, component };
  };
  const present = config.hosts.filter(({ state }) => state === "present");
  const { canaries, others } = inTwoWaves(present);
  const first = canaries.map((host) => create(host, []));
  const created = [...first, ...others.map((host) => create(host, first))];
  return {
    openclawConfig: patchFor(config, openclaw),
    applied: Object.fromEntries(created.map((one) => [one.host.name, served(one, access)])),
    heldTokens: present.map((host) => tokenOf(host, access)),
    applies: created.map(({ component }) => component.apply),
  };
}

/** The stack's keys, whoever holds them; of a provider that is paid in another way there is none. */
function keysOf(enabled: readonly EnabledProvider[]): pulumi.Output<string> {
  const keys = enabled.flatMap(({ provider, apiKey, storedKey }) => {
    const key = apiKey ?? storedKey?.value;
    return key === undefined ? [] : [key.apply((value) => ({ provider, key: value }))];
  });
  return pulumi.secret(pulumi.all(keys).apply(restoreKeys));
}

interface Created {
  readonly host: StackHost;
  readonly component: OpenClawHost;
}

function tokenOf(host: StackHost, access: HostsAccess): HeldToken {
  if (access.kind === "worker") return heldToken(host, access.hostTokens);
  return { host: host.name, value: access.runToken };
}

function served(
  { host: { tokenGenerations }, component }: Created,
  { kind }: HostsAccess,
): pulumi.Output<ServedHost> {
  return component.applied.apply((applied) =>
    kind === "direct" ? applied : { ...applied, tokenGenerations },
  );
}

/** Which hosts are changed first; the others follow when these answer. Without a canary, the first host is one. */
function inTwoWaves(hosts: readonly StackHost[]): { canaries: StackHost[]; others: StackHost[] } {
  const marked = hosts.filter(({ canary }) => canary);
  const canaries = marked.length > 0 ? marked : hosts.slice(0, 1);
  return { canaries, others: hosts.filter((host) => !canaries.includes(host)) };
}
