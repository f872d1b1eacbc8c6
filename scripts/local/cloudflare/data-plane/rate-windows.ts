/** How a limit counts: in windows that follow each other, or in the time before the request. */
export type Technique = "fixed" | "sliding";

/** A limit as it stands at some time. */
export interface RateLimit {
  /** Whose requests are counted together. */
  key: string;
  limit: number;
  /** Length of the window. */
  seconds: number;
  technique: Technique;
}

/** Adds up amounts by key. The real counters are eventually consistent and best effort; these are exact. */
export class RateWindows {
  readonly #amounts = new Map<string, { at: number; amount: number }[]>();

  /** Counts one event, if it is within the limit. @returns false when the limit is reached; it is then not counted. */
  allow(limit: RateLimit, at: number): boolean {
    const within = this.isWithin(limit, at);
    if (within) this.add(limit.key, 1, at);
    return within;
  }

  /** Whether less than the limit has been added in the window. */
  isWithin({ key, limit, seconds, technique }: RateLimit, at: number): boolean {
    const length = seconds * 1000;
    const since = technique === "sliding" ? at - length : Math.floor(at / length) * length;
    const recent = (this.#amounts.get(key) ?? []).filter((entry) => entry.at >= since);
    this.#amounts.set(key, recent);
    return recent.reduce((total, { amount }) => total + amount, 0) < limit;
  }

  add(key: string, amount: number, at: number): void {
    const recent = this.#amounts.get(key) ?? [];
    recent.push({ at, amount });
    this.#amounts.set(key, recent);
  }
}
