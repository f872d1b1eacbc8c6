import { setTimeout as sleep } from "node:timers/promises";
import { isTooManyRequests, isUnanswered, retryAfter } from "./api-errors";

/** Waits between looks at something that was just written, in milliseconds; reads may lag behind writes. */
export const SETTLE_MS: readonly number[] = [0, 100, 400, 1_500, 4_000];

/** Waits between attempts to write, in milliseconds. */
const RETRY_MS: readonly number[] = [500, 2_000, 5_000, 10_000, 15_000];
/** A longer wait is left to the operator's next run. */
const LONGEST_WAIT_MS = 60_000;

/** Looks again and again, until there is something to see or the time is over. */
export async function settled<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const wait of SETTLE_MS) {
    await sleep(wait);
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  return undefined;
}

/**
 * Makes something exactly once, although an answer can be lost on the way: a call of which nobody knows whether it had
 * an effect is repeated only when what it makes is not there. `make` must not repeat itself.
 *
 * @param find what an earlier attempt has made
 * @param mayPass refusals that mean "not yet"
 * @throws the last refusal
 */
export async function makeOnce<T>(
  make: () => Promise<T>,
  find: () => Promise<T | undefined>,
  mayPass: (error: unknown) => boolean = () => false,
): Promise<T> {
  let mayExist = false;
  for (let attempt = 0; ; attempt++) {
    try {
      return await make();
    } catch (error) {
      mayExist ||= isUnanswered(error);
      const found = mayExist ? await settled(find) : undefined;
      if (found !== undefined) return found;
      const worthTrying = isUnanswered(error) || isTooManyRequests(error) || mayPass(error);
      const wait = RETRY_MS[attempt];
      const pause = Math.max(wait ?? 0, retryAfter(error) ?? 0);
      if (!worthTrying || wait === undefined || pause > LONGEST_WAIT_MS) throw error;
      await sleep(pause);
    }
  }
}
