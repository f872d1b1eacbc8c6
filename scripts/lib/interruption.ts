/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Somebody ended the command; the reason of `Interruption.signal`. */
export class Interrupted extends Error {
  /** Whether every program of this terminal has been told. */
  readonly byTerminal: boolean;

  constructor(signal: NodeJS.Signals) {
    super("Interrupted.");
    this.byTerminal = signal === "SIGINT";
  }
}

/**
 * Ctrl-C, SIGTERM and a closed terminal as an abort signal and a rejected promise, so that the clean-up of `finally`
 * runs instead of the process dying. A second Ctrl-C during the clean-up ends the process at once.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #answered: (() => void) | undefined;
  #lastSignal = Number.NEGATIVE_INFINITY;
  readonly #onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    const again = now - this.#lastSignal < SAME_SIGNAL_MS;
    this.#lastSignal = now;
    if (again) return;
    if (this.happened && signal === "SIGINT") process.exit(130);
    if (this.#answered) this.#answered();
    else this.#controller.abort(new Interrupted(signal));
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    // What is written to a terminal that was closed goes nowhere, and must not end the clean-up.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get happened(): boolean {
    return this.signal.aborted;
  }

  /** The work's result, or a rejection with `Interrupted` as soon as a signal comes. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let stop = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
    });
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    try {
      return await Promise.race([work, interrupted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Resolves at the next signal, which is then an answer and not an interruption. */
  async wait(): Promise<void> {
    this.signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      // An own timer keeps the process alive: a signal handler alone does not.
      const alive = setInterval(() => {}, 60_000);
      this.#answered = () => {
        clearInterval(alive);
        this.#answered = undefined;
        resolve();
      };
    });
  }

  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
