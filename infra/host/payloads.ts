import type { ContainerVariable, GuardArgs, LookArgs } from ".";
import type { HostPayload } from "./payload";
import { stableJson } from "./stable-json";

/** What *guard* sends: enough to check the host, and to restore it. */
export function guardPayload(args: GuardArgs, seal: string, restoreKeys: string): HostPayload {
  return { ...basePayload(args), seal, "restore-keys": restoreKeys };
}

/** What a look sends. Holds no secret, and all of it is part of {@link applyPayload}: the host compares the two. */
export function lookPayload(args: LookArgs): HostPayload {
  return {
    ...basePayload(args),
    ...(args.access === "direct" ? { "gateway-url": args.url } : { "worker-url": args.url }),
    model: args.primaryModel ?? "",
    generation: String(args.tokenGeneration),
  };
}

export interface ApplySecrets {
  readonly seal: string;
  readonly token: string;
  /** Another one applies the host again, although nothing else changed. */
  readonly epoch: number;
}

export function applyPayload(args: LookArgs, { seal, token, epoch }: ApplySecrets): HostPayload {
  return { ...lookPayload(args), seal, token, ...(epoch > 0 ? { epoch: String(epoch) } : {}) };
}

function basePayload(args: GuardArgs): HostPayload {
  const {
    stack,
    host,
    access,
    keyEnvNames,
    otherKeyNames = [],
    authProviders = [],
    keyPatterns,
    variables = [],
  } = args;
  return {
    stack,
    ...(access === "direct" ? { access } : {}),
    host: host.name,
    directory: host.directory,
    service: host.service,
    entry: host.entry ?? "dist/index.js",
    names: [...keyEnvNames].sort().join(" "),
    "other-names": [...otherKeyNames].sort().join(" "),
    "auth-providers": [...authProviders].sort().join(" "),
    patterns: JSON.stringify(keyPatterns.map((pattern) => pattern.source).sort()),
    patch: stableJson(args.openclawPatch),
    "provider-ids": stableJson(args.providerIds),
    variables: variables.map(({ name, value }: ContainerVariable) => `${name} ${value}`).join(" "),
    "allow-keys": listed(host.allowKeys),
    "accept-unserved": listed(args.acceptUnserved),
    "allow-version": args.allowVersion ?? "",
    "compose-files": (host.composeFiles ?? []).join(":"),
    window: host.window ?? "",
    ...seconds("drain", host.drainSeconds),
    ...seconds("worker-wait", host.workerWaitSeconds),
    ...seconds("ready-wait", host.readyWaitSeconds),
  };
}

/** A list whose order does not matter; a field that is empty is not sent. */
function listed(values: readonly string[] = []): string {
  return values.length === 0 ? "" : JSON.stringify([...values].sort());
}

function seconds(
  name: "drain" | "worker-wait" | "ready-wait",
  value: number | undefined,
): Partial<HostPayload> {
  return value === undefined ? {} : { [name]: String(value) };
}
