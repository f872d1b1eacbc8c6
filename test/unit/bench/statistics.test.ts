import { ratioOf } from "../../../scripts/bench/worker/statistics";

test("the ratio is that of the means", () => {
  expect(ratioOf([10, 20], [15, 30]).value).toBeCloseTo(1.5);
});

test("of few rounds the spread is the smallest and largest ratio of any two", () => {
  expect(ratioOf([10, 20], [10, 20])).toEqual({ value: 1, low: 0.5, high: 2 });
});

test("of many rounds it is an interval around the ratio, the same every time", () => {
  const base = Array.from({ length: 40 }, (_, index) => 100 + (index % 7));
  const measured = base.map((value, index) => value * 1.1 + (index % 3));
  const ratio = ratioOf(base, measured);
  expect(ratio.low).toBeLessThan(ratio.value);
  expect(ratio.high).toBeGreaterThan(ratio.value);
  expect(ratio.high - ratio.low).toBeLessThan(0.05);
  expect(ratioOf(base, measured)).toEqual(ratio);
});

test("nothing is no measurement", () => {
  expect(() => ratioOf([], [])).toThrow("nothing to compare");
});
