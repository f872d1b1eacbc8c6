/** Seconds per run, by what was timed and by variant. */
export type Timings = Record<string, Record<string, number[]>>;

export interface Figure {
  what: string;
  variant: string;
  /** Median seconds. */
  seconds: number;
  /** Median, minimum and maximum of the ratios to the yardstick, round by round; 1 for the yardstick itself. */
  ratio: { median: number; min: number; max: number };
}

export const YARDSTICK = "minimal";

export function figuresOf(timings: Timings, yardstick = YARDSTICK): Figure[] {
  return Object.entries(timings).flatMap(([what, variants]) =>
    Object.entries(variants).map(([variant, seconds]) => {
      const ratios = seconds.map((value, round) => value / (variants[yardstick]?.[round] ?? Number.NaN));
      return {
        what,
        variant,
        seconds: median(seconds),
        ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
      };
    }),
  );
}

export function table(figures: readonly Figure[]): string {
  const head = `${"what".padEnd(20)}${"variant".padEnd(20)}${"seconds".padStart(8)}${"ratio".padStart(8)}  spread`;
  const rows = figures.map(({ what, variant, seconds, ratio }) => {
    const spread = `${ratio.min.toFixed(2)} - ${ratio.max.toFixed(2)}`;
    const numbers = seconds.toFixed(2).padStart(8) + ratio.median.toFixed(2).padStart(8);
    return `${what.padEnd(20)}${variant.padEnd(20)}${numbers}  ${spread}`;
  });
  return [head, ...rows].join("\n");
}

/** Middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}
