import type { ScriptRecord } from "../store/records";
import type { WorkerRequest } from "../types";
import { WorkerFront } from "./worker-front";
import { startInstance } from "./worker-instance";
import { WorkerScript } from "./worker-script";

/** Addresses that are kept ready: `url()` answers at once, while a port can only be bound asynchronously. */
const SPARE_ADDRESSES = 8;

export interface WorkerHostOptions {
  gatewayPort: number;
  /** Wanted ports by script name or hostname. */
  ports: Readonly<Record<string, number>>;
  /** Where requests are noted. */
  requests: WorkerRequest[];
  log: (line: string) => void;
}

/** The uploaded scripts, and the addresses at which they are served. */
export class WorkerHost {
  readonly #options: WorkerHostOptions;
  readonly #scripts = new Map<string, WorkerScript>();
  /** By script name (workers.dev) or hostname (custom domain): a script's name has no dot. */
  readonly #fronts = new Map<string, WorkerFront>();
  readonly #spare: WorkerFront[] = [];
  #refilling: Promise<void> = Promise.resolve();

  private constructor(options: WorkerHostOptions) {
    this.#options = options;
  }

  static async create(options: WorkerHostOptions): Promise<WorkerHost> {
    const host = new WorkerHost(options);
    for (const [address, port] of Object.entries(options.ports)) {
      host.#fronts.set(address, await WorkerFront.listen(port));
    }
    await host.#refill();
    return host;
  }

  /**
   * Where a script's workers.dev address, or a custom domain, is served: the same for ever.
   *
   * @throws when more new addresses are wanted at once than are ready.
   */
  url(address: string): string {
    return this.#front(address).origin;
  }

  /** Starts a script and lets it take over from the one before. @throws ScriptStartError, and nothing has changed. */
  async deploy(script: ScriptRecord, secrets: Readonly<Record<string, string>>): Promise<void> {
    const { gatewayPort, log } = this.#options;
    const instance = await startInstance({ script, secrets, gatewayPort, log });
    this.#script(script.name).replace(instance);
    this.setEnabled(script.name, script.subdomain.enabled);
  }

  /** Turns the script's workers.dev address on or off. */
  setEnabled(script: string, enabled: boolean): void {
    this.#front(script).target = enabled ? this.#script(script) : undefined;
  }

  /** Serves the script at a custom domain, or nothing there. */
  setDomain(hostname: string, script: string | undefined): void {
    this.#front(hostname).target = script === undefined ? undefined : this.#script(script);
  }

  /** Its addresses stay reserved and answer 404. */
  remove(script: string): void {
    this.setEnabled(script, false);
    this.#script(script).replace(undefined);
  }

  async close(): Promise<void> {
    await this.#refilling;
    await Promise.all([...this.#fronts.values(), ...this.#spare].map((front) => front.close()));
    await Promise.all([...this.#scripts.values()].map((script) => script.close()));
  }

  #script(name: string): WorkerScript {
    const script = this.#scripts.get(name) ?? new WorkerScript(name, this.#options.requests);
    this.#scripts.set(name, script);
    return script;
  }

  #front(address: string): WorkerFront {
    const known = this.#fronts.get(address);
    if (known) return known;
    const front = this.#spare.pop();
    if (!front) throw new Error(`More than ${SPARE_ADDRESSES} new Worker addresses were asked for at once.`);
    this.#fronts.set(address, front);
    this.#refilling = this.#refilling.then(() => this.#refill());
    return front;
  }

  async #refill(): Promise<void> {
    while (this.#spare.length < SPARE_ADDRESSES) this.#spare.push(await WorkerFront.listen(0));
  }
}
