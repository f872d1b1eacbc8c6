import type { HostVerb } from "../../infra/host/payload";
import { checkRunToken } from "../../infra/run-token-check";
import type { Finished } from "../../scripts/lib/run";
import { createLocalEnvironment, type LocalEnvironment } from "../../scripts/local/environment";
import {
  ed25519Pair,
  type HostAnswer,
  type HostCall,
  type ScriptedHost,
  startScriptedHost,
} from "../../scripts/local/vps/scripted-host";
import type { Toolchain } from "../../scripts/setup";
import type { Machine } from "../host/machine";
import { succeeded } from "./expectations";

const HOSTS = "openclaw-ai-gateway:hosts";

export type HostEntry = Record<string, unknown>;

/**
 * A stack with several hosts that only note what they are asked to run, and do what the program does with whom they
 * call: an apply ends well when the Worker (or, with `access: direct`, the gateway) accepts the new token, which is then
 * the host's; a restore, when it still does.
 */
export class ScriptedFleet {
  readonly environment: LocalEnvironment;
  readonly servers: Readonly<Record<string, ScriptedHost>>;
  /** Runs of the host program since the last `pulumi` call began. */
  calls: HostCall[] = [];
  /** The token that each host has. */
  readonly tokens: Record<string, string> = {};
  /** Those that have a configuration of the stack. */
  readonly #managed = new Set<string>();
  /** Address of the gateway, of the hosts that call it themselves. */
  readonly #gateways = new Map<string, string>();
  /** Which runs end badly. */
  failing: (call: HostCall) => boolean = () => false;
  /** Hosts that run the real program, by name. */
  machines: Readonly<Record<string, Machine>> = {};

  private constructor(environment: LocalEnvironment, servers: Record<string, ScriptedHost>) {
    this.environment = environment;
    this.servers = servers;
  }

  static async create(
    toolchain: Toolchain,
    stack: string,
    names: readonly string[],
    machines: Readonly<Record<string, Machine>> = {},
  ): Promise<ScriptedFleet> {
    const environment = await createLocalEnvironment({ toolchain, stack, hosts: [] });
    const servers: Record<string, ScriptedHost> = {};
    const fleet = new ScriptedFleet(environment, servers);
    fleet.machines = machines;
    for (const name of names) servers[name] = await startScriptedHost(name, (call) => fleet.#run(call));
    await fleet.configure(names.map((name) => fleet.entry(name)));
    return fleet;
  }

  /** A host as it is configured, without its private key. */
  entry(name: string): HostEntry {
    const server = this.servers[name];
    if (server === undefined) throw new Error(`there is no server ${name}`);
    const { port, hostKey } = server;
    const directory = this.machines[name]?.project ?? "/opt/openclaw";
    return { name, address: "127.0.0.1", port, hostKey, directory };
  }

  hosts(): HostEntry[] {
    return this.environment.stack.config(HOSTS) as HostEntry[];
  }

  /** Replaces the list; a host without a private key gets one. */
  async configure(hosts: readonly HostEntry[]): Promise<void> {
    const { stack } = this.environment;
    stack.configure({ [HOSTS]: hosts });
    for (const [index, host] of hosts.entries()) {
      if (host.privateKey !== undefined) continue;
      await stack.setSecret(`${HOSTS}[${index}].privateKey`, ed25519Pair().private);
    }
  }

  change(name: string, values: HostEntry): Promise<void> {
    return this.configure(this.hosts().map((host) => (host.name === name ? { ...host, ...values } : host)));
  }

  remove(name: string): Promise<void> {
    return this.configure(this.hosts().filter((host) => host.name !== name));
  }

  /** What the Worker answers to the token that a host has. */
  async workerAnswers(host: string, token = this.tokens[host]): Promise<number> {
    const url = this.environment.cloudflare.workerUrl(`openclaw-${this.environment.stack.name}`);
    const response = await fetch(`${url}/readyz`, { headers: { authorization: `Bearer ${token}` } });
    return response.status;
  }

  /** Whether whom a host calls accepts its token. */
  async isServed(host: string): Promise<boolean> {
    const url = this.#gateways.get(host);
    const token = this.tokens[host];
    if (token === undefined) return false;
    if (url === undefined) return (await this.workerAnswers(host, token)) === 200;
    return (await checkRunToken(url, token)) === "accepted";
  }

  /** Runs `pulumi`; `ran` is what was run on the hosts meanwhile, `<host> <verb>`, in order, looks left out. */
  async pulumi(...args: string[]): Promise<Finished & { ran: string[] }> {
    this.calls = [];
    const finished = await this.environment.stack.pulumi(args);
    return { ...finished, ran: this.ran() };
  }

  up(...flags: string[]): Promise<Finished & { ran: string[] }> {
    return this.pulumi("up", "--yes", "--skip-preview", ...flags);
  }

  ran(): string[] {
    const changing = this.calls.filter(({ verb }) => verb !== "plan" && verb !== "status");
    return changing.map(({ host, verb }) => `${host} ${verb}`);
  }

  async stateNames(): Promise<string[]> {
    const { deployment } = JSON.parse(await this.environment.stack.exportState()) as {
      deployment: { resources: { urn: string }[] };
    };
    return deployment.resources.map(({ urn }) => urn.split("::").at(-1) ?? "");
  }

  async close(): Promise<void> {
    await this.environment.close();
    for (const server of Object.values(this.servers)) await server.close();
  }

  async #run(call: HostCall): Promise<HostAnswer> {
    this.calls.push(call);
    const { host, verb, stdin } = call;
    const machine = this.machines[host];
    if (machine !== undefined) return machine.run(verb as HostVerb, { stdin });
    if (this.failing(call)) return FAILED;
    if (verb === "preflight") return DONE;
    if (verb === "plan" || verb === "status") {
      return { code: 0, output: `${this.#managed.has(host) ? "" : "not "}managed: ${host}\n` };
    }
    if (verb === "apply") this.#take(call);
    if (!(await this.isServed(host))) return FAILED;
    if (verb === "apply") this.#managed.add(host);
    else this.#managed.delete(host);
    return DONE;
  }

  #take({ host, fields }: HostCall): void {
    this.tokens[host] = fields.token ?? "";
    const gatewayUrl = fields["gateway-url"];
    if (gatewayUrl === undefined) this.#gateways.delete(host);
    else this.#gateways.set(host, gatewayUrl);
  }
}

const DONE: HostAnswer = { code: 0, output: "" };
const FAILED: HostAnswer = { code: 1, output: "" };

/** What was run on the hosts by a `pulumi` call that has to succeed. */
export async function ranBy(running: Promise<Finished & { ran: string[] }>): Promise<string[]> {
  const { ran, ...finished } = await running;
  succeeded(finished);
  return ran;
}
