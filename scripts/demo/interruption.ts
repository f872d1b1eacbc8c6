/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Ctrl-C, SIGTERM and a closed terminal as a rejected promise, so that the clean-up of `finally` runs instead of the
 * process dying. A second Ctrl-C during the clean-up ends the process at once.
 */
export class Interruption {
  happened = false;
  readonly #waiting = new Set<() => void>();
  #lastSignal = Number.NEGATIVE_INFINITY;
  readonly #onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    const again = now - this.#lastSignal < SAME_SIGNAL_MS;
    this.#lastSignal = now;
    if (again) return;
    if (this.happened && signal === "SIGINT") process.exit(130);
    this.happened = true;
    for (const wake of this.#waiting) wake();
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    // What is written to a terminal that was closed goes nowhere, and must not end the clean-up.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  }

  /** The work's result, or a rejection as soon as a signal comes. */
  async race<T>(work: Promise<T>): Promise<T> {
    let wake = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      wake = () => reject(new Error("Interrupted."));
    });
    if (this.happened) wake();
    this.#waiting.add(wake);
    try {
      return await Promise.race([work, interrupted]);
    } finally {
      this.#waiting.delete(wake);
    }
  }

  /** Resolves at the next signal, which is then an answer and not an interruption. */
  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      // An own timer keeps the process alive: a signal handler alone does not.
      const alive = setInterval(() => {}, 60_000);
      const wake = () => {
        clearInterval(alive);
        this.#waiting.delete(wake);
        this.happened = false;
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
