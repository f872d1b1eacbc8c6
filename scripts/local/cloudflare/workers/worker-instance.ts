import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Log, LogLevel, Miniflare } from "miniflare";
import { LOOPBACK } from "../http/listen";
import type { ScriptRecord } from "../store/records";

/** The script cannot be started: its own fault, said in the words of the runtime. */
export class ScriptStartError extends Error {}

/** One version of a script, running in a workerd of its own. */
export interface WorkerInstance {
  /** Where this workerd listens. */
  readonly port: number;
  stop(): Promise<void>;
}

export interface InstanceOptions {
  script: ScriptRecord;
  /** Text of the `secret_text` bindings by name. */
  secrets: Readonly<Record<string, string>>;
  /** Port of the emulated gateway: whatever host the script's `fetch` names, this is where it arrives. */
  gatewayPort: number;
  /** What the script writes to its console. */
  log: (line: string) => void;
}

/** Starts a script. @throws ScriptStartError */
export async function startInstance(options: InstanceOptions): Promise<WorkerInstance> {
  const { script } = options;
  const errors: string[] = [];
  const miniflare = create(options, errors);
  try {
    await miniflare.ready;
    const { port } = await miniflare.unsafeGetDirectURL();
    return { port: Number(port), stop: () => miniflare.dispose() };
  } catch (error) {
    // Disposing of a runtime that never started reports the same failure again.
    await miniflare.dispose().catch(() => {});
    const said = errors.join("\n") || (error instanceof Error ? error.message : String(error));
    throw new ScriptStartError(`${script.name} does not start: ${said}`);
  }
}

function create({ script, secrets, gatewayPort, log }: InstanceOptions, errors: string[]): Miniflare {
  const read = (stream: Readable, keep: (line: string) => void) =>
    createInterface({ input: stream }).on("line", (line) => {
      keep(line);
      log(`Worker ${script.name}: ${line}`);
    });
  return new Miniflare({
    name: script.name,
    host: LOOPBACK,
    port: 0,
    // Straight to the script's own socket: Miniflare's entry adds headers and pretty error pages.
    unsafeDirectSockets: [{ host: LOOPBACK, port: 0 }],
    modules: [{ type: "ESModule", path: script.mainModule, contents: script.content }],
    compatibilityDate: script.compatibilityDate,
    compatibilityFlags: script.compatibilityFlags,
    bindings: bindingsOf(script, secrets) as Record<string, string>,
    ratelimits: rateLimitsOf(script),
    outboundService: { external: { address: `${LOOPBACK}:${gatewayPort}`, http: {} } },
    // Otherwise Miniflare asks Cloudflare for what a real request's `cf` object would hold.
    cf: false,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      read(stdout, () => {});
      read(stderr, (line) => errors.push(line));
    },
  });
}

function bindingsOf(
  script: ScriptRecord,
  secrets: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    script.bindings.flatMap(({ name, type, text, json }) => {
      if (type === "ratelimit") return [];
      if (type === "secret_text") return [[name, secrets[name]]];
      return [[name, type === "json" ? jsonValue(json) : text]];
    }),
  );
}

/** Rate limits count here as they do at Cloudflare, each namespace for itself. */
function rateLimitsOf({ bindings }: ScriptRecord) {
  const limits = bindings.flatMap(({ name, namespace_id, simple }) =>
    namespace_id === undefined || simple === undefined ? [] : [[name, { namespace_id, simple }] as const],
  );
  return Object.fromEntries(limits);
}

/** The official provider writes the value of a `json` binding as a string of JSON, other clients as JSON itself. */
function jsonValue(json: unknown): unknown {
  if (typeof json !== "string") return json;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return json;
  }
}
