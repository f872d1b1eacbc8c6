import { expiryWarning } from "./config/run-token";
import type { ReachableHost } from "./host/jump-host";
import { type HostReport, readReport } from "./host/report";

/** A resource in the state; what is secret in it is in clear. */
export interface ExportedResource {
  readonly urn: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly ignoreChanges?: readonly string[];
}

/** `pulumi stack export --show-secrets`, as far as it is read. */
export interface ExportedStack {
  readonly deployment: {
    readonly resources?: readonly ExportedResource[];
    readonly pending_operations?: readonly {
      readonly type: string;
      readonly resource: { readonly urn: string };
    }[];
  };
}

/** A host as the state has it: how it was reached, and the input of its last run. */
export interface HostInState {
  readonly name: string;
  /** False: it was revoked or forgotten, or it could not be set up, or not be put back. */
  readonly applied: boolean;
  /** Nobody connects to it: it was revoked or forgotten. */
  readonly cutOff: boolean;
  readonly server: ReachableHost;
  /** Input of the guard: enough to look at the host and to put it back. Holds secrets. */
  readonly stdin: string;
  /** Input of the last apply; undefined where there was none. Holds secrets. */
  readonly applyStdin: string | undefined;
}

/** What is found on a host. */
export interface HostStatus {
  readonly name: string;
  /**
   * `gateway`: the stack's configuration. `own`: the host's own, there is nothing of ours. `bypass`: the host's own
   * for a while. `stopped`: none, OpenClaw does not run. `unknown`: the host did not say, or a run there has not ended.
   * `cut off`: nobody connects to it.
   */
  readonly serving: "gateway" | "own" | "bypass" | "stopped" | "unknown" | "cut off";
  /** What somebody changed since the last apply: the next `pulumi up` applies this host again. */
  readonly drift: readonly string[];
  /** What else is worth knowing, or why nothing is known. */
  readonly notes: readonly string[];
}

/** How the host program's note begins that what is in place is not what the state knows. */
export const OTHER_INPUT = "the last apply here had another input";

const GUARD = /^host-(.+)-guard$/;

/** Every host that the stack's state knows, by name. */
export function hostsInState({ deployment }: ExportedStack): HostInState[] {
  const resources = deployment.resources ?? [];
  const stdinOf = (resource: string): string | undefined => {
    const inputs = resources.find(({ urn }) => nameOf(urn) === resource)?.inputs;
    return inputs === undefined ? undefined : String(plain(inputs.stdin));
  };
  const hosts = resources.flatMap(({ urn, inputs = {}, ignoreChanges = [] }) => {
    const name = GUARD.exec(nameOf(urn))?.[1];
    if (name === undefined) return [];
    const connection = plain(inputs.connection) as Connection;
    const server = {
      name,
      ...serverOf(connection),
      ...(connection.proxy && { jumpHost: serverOf(connection.proxy) }),
    };
    const applyStdin = stdinOf(`host-${name}-apply`);
    const applied = applyStdin !== undefined;
    // As a cut off host's guard is made; one that could not be set up or put back has no apply either.
    const cutOff = ignoreChanges.includes("*");
    return [{ name, applied, cutOff, server, stdin: String(plain(inputs.stdin)), applyStdin }];
  });
  return hosts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of the resources whose creation was cut off: the engine warns of them at every run until they are cleared. */
export function pendingCreates({ deployment }: ExportedStack): string[] {
  const pending = deployment.pending_operations ?? [];
  return pending.filter(({ type }) => type === "creating").map(({ resource }) => nameOf(resource.urn));
}

/** That the run token ends soon, if it does; the state has the time that Cloudflare was given. */
export function runTokenWarning({ deployment }: ExportedStack, now = Date.now()): string | undefined {
  const token = deployment.resources?.find(({ urn }) => nameOf(urn) === "run-token");
  const expiresOn = token?.inputs?.expiresOn;
  return typeof expiresOn === "string" ? expiryWarning(expiresOn, now) : undefined;
}

/** Reads what the host program's `status` prints. */
export function readStatus(name: string, text: string): HostStatus {
  const report = readReport(text);
  const { drift, refusals, notes } = report;
  return { name, serving: servedBy(report), drift, notes: [...refusals, ...notes] };
}

function servedBy({ managed, bypassed, notes }: HostReport): HostStatus["serving"] {
  const says = (what: string) => notes.some((note) => note.startsWith(what));
  if (managed === undefined || says("an earlier run did not end")) return "unknown";
  if (says("the service is stopped")) return "stopped";
  if (!managed) return "own";
  return bypassed ? "bypass" : "gateway";
}

/** Whether `pulumi up` has nothing to do there, as far as can be seen. A key that may stay where it is needs nothing. */
export function isWell({ serving, drift, notes }: HostStatus): boolean {
  if (serving === "cut off") return true;
  const rest = notes.filter((note) => !note.startsWith("keys left as allowed:"));
  return serving === "gateway" && drift.length === 0 && rest.length === 0;
}

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey?: string;
  readonly proxy?: Connection;
}

function serverOf({ host, port, user, hostKey, privateKey }: Connection) {
  return { address: host, port, user, hostKey, ...(privateKey === undefined ? {} : { privateKey }) };
}

/** Name of a resource, the last part of its URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** The value itself, with what is secret in clear. A secret is exported as `{"4dabf…": "1b472…", "plaintext": "<JSON>"}`. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  if (typeof record.plaintext === "string") return plain(JSON.parse(record.plaintext));
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, plain(inner)]));
}
