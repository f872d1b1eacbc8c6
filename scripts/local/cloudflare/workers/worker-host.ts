import type { ScriptRecord } from "../store/records";
import { WorkerFront } from "./worker-front";
import { startInstance, type WorkerInstance } from "./worker-instance";

/** Addresses that are kept ready: `url()` answers at once, while a port can only be bound asynchronously. */
const SPARE_ADDRESSES = 8;

export interface WorkerHostOptions {
  gatewayPort: number;
  /** Wanted ports by script name. */
  ports: Readonly<Record<string, number>>;
  log: (line: string) => void;
}

/** Every script's address, and the workerd behind each that is uploaded. */
export class WorkerHost {
  readonly #options: WorkerHostOptions;
  readonly #fronts = new Map<string, WorkerFront>();
  readonly #spare: WorkerFront[] = [];
  #refilling: Promise<void> = Promise.resolve();

  private constructor(options: WorkerHostOptions) {
    this.#options = options;
  }

  static async create(options: WorkerHostOptions): Promise<WorkerHost> {
    const host = new WorkerHost(options);
    for (const [script, port] of Object.entries(options.ports)) {
      host.#fronts.set(script, await WorkerFront.listen(port));
    }
    await host.#refill();
    return host;
  }

  /** The address of a script, the same for ever. @throws when more new addresses are wanted at once than are ready. */
  url(script: string): string {
    return this.#front(script).origin;
  }

  /** Starts a script and lets it take over from the one before. @throws ScriptStartError, and nothing has changed. */
  async deploy(script: ScriptRecord, secrets: Readonly<Record<string, string>>): Promise<void> {
    const { gatewayPort, log } = this.#options;
    const instance: WorkerInstance = await startInstance({ script, secrets, gatewayPort, log });
    const front = this.#front(script.name);
    front.replace(instance);
    front.enabled = script.subdomain.enabled;
  }

  /** Turns the script's address on or off. */
  setEnabled(script: string, enabled: boolean): void {
    this.#front(script).enabled = enabled;
  }

  /** The address stays reserved and answers 404. */
  remove(script: string): void {
    const front = this.#front(script);
    front.enabled = false;
    front.replace(undefined);
  }

  async close(): Promise<void> {
    await this.#refilling;
    await Promise.all([...this.#fronts.values(), ...this.#spare].map((front) => front.close()));
  }

  #front(script: string): WorkerFront {
    const known = this.#fronts.get(script);
    if (known) return known;
    const front = this.#spare.pop();
    if (!front) throw new Error(`More than ${SPARE_ADDRESSES} new Worker addresses were asked for at once.`);
    this.#fronts.set(script, front);
    this.#refilling = this.#refilling.then(() => this.#refill());
    return front;
  }

  async #refill(): Promise<void> {
    while (this.#spare.length < SPARE_ADDRESSES) this.#spare.push(await WorkerFront.listen(0));
  }
}
