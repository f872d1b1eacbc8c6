/**
 * Ctrl-C and SIGTERM as a rejected promise, so that the clean-up of `finally` runs instead of the process dying.
 * A second signal during the clean-up ends the process at once.
 */
export class Interruption {
  happened = false;
  readonly #waiting = new Set<() => void>();
  readonly #onSignal = () => {
    if (this.happened) process.exit(130);
    this.happened = true;
    for (const wake of this.#waiting) wake();
  };

  constructor() {
    process.on("SIGINT", this.#onSignal).on("SIGTERM", this.#onSignal);
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
    process.off("SIGINT", this.#onSignal).off("SIGTERM", this.#onSignal);
  }
}
