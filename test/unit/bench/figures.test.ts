import { figuresOf, median, table } from "../../../scripts/bench/figures";

test("the median of an even number of values lies between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("ratios pair the rounds: a slow round that hits both variants does not show", () => {
  const [ours, yardstick] = figuresOf({ preview: { ours: [2, 20], minimal: [1, 10] } });

  expect(ours).toEqual({
    what: "preview",
    variant: "ours",
    seconds: 11,
    ratio: { median: 2, min: 2, max: 2 },
  });
  expect(yardstick?.ratio.median).toBe(1);
});

test("the table fits 80 columns", () => {
  const text = table(figuresOf({ "unchanged preview": { "without the look": [100.5], minimal: [99] } }));

  expect(text.split("\n")).toHaveLength(3);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
