/** How a limit counts: in windows that follow each other, or in the time before the request. */
export type Technique = "fixed" | "sliding";

/** Counts events by key. The real counters are eventually consistent and best effort; these are exact. */
export class RateWindows {
  readonly #events = new Map<string, number[]>();

  /**
   * Counts one event, if it is within the limit.
   *
   * @param seconds length of the window.
   * @returns false when the limit is reached; the event is then not counted.
   */
  allow(key: string, limit: number, seconds: number, technique: Technique, at: number): boolean {
    const length = seconds * 1000;
    const since = technique === "sliding" ? at - length : Math.floor(at / length) * length;
    const recent = (this.#events.get(key) ?? []).filter((time) => time >= since);
    this.#events.set(key, recent);
    if (recent.length >= limit) return false;
    recent.push(at);
    return true;
  }
}
