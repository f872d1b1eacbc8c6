/** A ratio of two means, and between what it lies. */
export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The ratio of the means of two series that were measured in turns. Its spread is a bootstrap 95 % interval over
 * rounds; with fewer than ten rounds the smallest and largest ratio of any two.
 *
 * @throws when there is nothing to compare
 */
export function ratioOf(base: readonly number[], measured: readonly number[], random = seeded(1)): Ratio {
  const rounds = Math.min(base.length, measured.length);
  if (rounds === 0) throw new Error("There is nothing to compare.");
  const value = total(measured) / measured.length / (total(base) / base.length);
  if (rounds < 10) {
    const ratios = measured.flatMap((one) => base.map((other) => one / other));
    return { value, low: Math.min(...ratios), high: Math.max(...ratios) };
  }
  const resampled = Array.from({ length: 2000 }, () => {
    let [above, below] = [0, 0];
    for (let index = 0; index < rounds; index++) {
      const round = Math.floor(random() * rounds);
      above += measured[round] ?? 0;
      below += base[round] ?? 0;
    }
    return above / below;
  }).sort((a, b) => a - b);
  return { value, low: resampled[50] ?? value, high: resampled[1949] ?? value };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Random numbers that are the same in every run (mulberry32): the same figures give the same interval. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
