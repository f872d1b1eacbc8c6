/**
 * What goes wrong with a call of the API:
 *
 * - `latency`: it is answered later.
 * - `429`: it is refused for going too fast, with `retry-after`; nothing is done.
 * - `5xx`: it fails at Cloudflare; nothing is done.
 * - `cut-before`: the connection is cut; nothing is done.
 * - `cut-after`: it is done, and the connection is cut in place of the answer.
 * - `stale-read`: a GET answers as it did before the last write that it would show. An object that was just made is 404.
 */
export type Fault =
  | { fault: "latency"; milliseconds: number }
  | {
      fault: "429";
      /** Seconds. Default: 1. */
      retryAfter?: number;
    }
  | {
      fault: "5xx";
      /** Default: 500. From 502 on the answer is not JSON, as it is not made by the API. */
      status?: 500 | 502 | 503 | 504;
    }
  | { fault: "cut-before" }
  | { fault: "cut-after" }
  | { fault: "stale-read" };

/** When a fault happens. */
export type FaultRule = Fault & {
  /**
   * Method and path: `POST ai-gateway/gateways/{g}/routes`. The path is the one below the account (`{…}` stands for any
   * segment), or below `/client/v4` where there is no account in it: `GET user/tokens/verify`. A `*` stands for any
   * method, and for any path: `PUT *`, `* *`.
   */
  call: string;
  /** The first call that it happens to: 1 is the next one that matches. A client's own retries count. Default: 1. */
  nth?: number;
  /** To how many calls in a row it happens; `Infinity` for all from then on. Default: 1. */
  times?: number;
};

/** A fault that was switched on. */
export interface InjectedFault {
  /** To how many calls it has happened. */
  readonly hits: number;
  /** Switches it off. */
  remove(): void;
}

/** The switches for faults of the API. */
export interface Faults {
  /**
   * Switches a fault on. Of several that a call would meet, it meets the one that was injected first.
   *
   * @throws when no call that is served matches, or a stale read is asked of something that does not read: such a fault
   *   would never happen, and a test with it would prove nothing.
   */
  inject(rule: FaultRule): InjectedFault;
  /** Switches every fault off. */
  clear(): void;
}

/** A call that is served, as a pattern: `POST` and `ai-gateway/gateways/:gateway/routes`. */
interface ServedCall {
  method: string;
  path: string;
}

/** Counts the calls, and says which of them meet a fault. */
export class FaultSwitches implements Faults {
  readonly #served: readonly ServedCall[];
  #switches: Switch[] = [];

  constructor(served: readonly ServedCall[]) {
    this.#served = served;
  }

  inject(rule: FaultRule): InjectedFault {
    const fault = new Switch(rule, () => {
      this.#switches = this.#switches.filter((other) => other !== fault);
    });
    if (!this.#served.some((call) => fault.matches(call.method, call.path))) {
      throw new Error(
        `Fault "${rule.fault}" for "${rule.call}": no call that the local Cloudflare serves matches.`,
      );
    }
    this.#switches.push(fault);
    return fault;
  }

  clear(): void {
    this.#switches = [];
  }

  /** The fault that this call meets. @param path as in `FaultRule.call`. */
  take(method: string, path: string): Fault | undefined {
    const due = this.#switches.filter((fault) => fault.matches(method, path) && fault.isDue());
    const [first] = due;
    if (first) first.hits++;
    return first?.rule;
  }
}

class Switch implements InjectedFault {
  hits = 0;
  readonly rule: FaultRule;
  readonly remove: () => void;
  #calls = 0;

  constructor(rule: FaultRule, remove: () => void) {
    this.rule = rule;
    this.remove = remove;
  }

  matches(method: string, path: string): boolean {
    if (this.rule.fault === "stale-read" && method !== "GET") return false;
    const [wantedMethod, wantedPath = ""] = this.rule.call.split(" ");
    return (
      (wantedMethod === "*" || wantedMethod === method) && (wantedPath === "*" || isLike(wantedPath, path))
    );
  }

  /** Counts a call that matches. */
  isDue(): boolean {
    this.#calls++;
    const { nth = 1, times = 1 } = this.rule;
    return this.#calls >= nth && this.#calls < nth + times;
  }
}

/** @param path of a call, or of an endpoint with its `:name` segments. */
function isLike(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const segments = path.split("/");
  return (
    wanted.length === segments.length &&
    wanted.every((part, index) => {
      const segment = segments[index] ?? "";
      return /^\{.*\}$/.test(part) || segment.startsWith(":") || part === segment;
    })
  );
}
