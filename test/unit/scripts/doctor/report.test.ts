import type { Check, Result } from "../../../../scripts/doctor/check";
import { redacted } from "../../../../scripts/doctor/redact";
import { announcement, linesOf, summary } from "../../../../scripts/doctor/report";

const plain = (_style: string, text: string) => text;
const LONG = "a rather long explanation of what was found there and why it is not good at all ".repeat(3);

const GOOD: Result = { id: "a", title: "Gateway", seconds: 0.31, outcome: "ok" };
const BAD: Result = {
  id: "b",
  title: "Worker",
  seconds: 61,
  outcome: "failed",
  problems: [{ says: LONG, fix: "npx pulumi up --refresh" }],
};
const SKIPPED: Result = { id: "c", title: "Turn", seconds: 0, outcome: "skipped", says: '"Worker" failed' };

test("a line has the outcome, the title and the time, and what was found stands below it", () => {
  expect(linesOf(GOOD, plain)).toMatch(/^\S Gateway {2,}0\.3 s$/);
  expect(linesOf(SKIPPED, plain).split("\n")).toEqual([
    expect.stringMatching(/^- Turn +skipped$/),
    '    "Worker" failed',
  ]);
  const lines = linesOf(BAD, plain).split("\n");
  expect(lines[0]).toMatch(/^\S Worker +1 min 01 s$/);
  expect(lines.at(-1)).toBe("    fix: npx pulumi up --refresh");
});

test.each([GOOD, BAD, SKIPPED])("no line of $title is wider than 80 columns", (result) => {
  expect(
    linesOf(result, plain)
      .split("\n")
      .filter((line) => line.length > 80),
  ).toEqual([]);
});

test("the end counts them", () => {
  expect(summary([GOOD, BAD, SKIPPED])).toBe("1 good, 1 failed, 1 skipped, in 1 min 01 s");
  expect(summary([GOOD])).toBe("1 good, 0 failed, in 0.3 s");
});

describe("before anything is spent", () => {
  const asking = (usd?: number): Check => ({
    id: "",
    title: "",
    run: async () => ({ outcome: "ok" }),
    ...(usd === undefined ? {} : { usd }),
  });

  test("it is said how often models are asked, and for how much", () => {
    expect(announcement([asking(), asking(0.0005), asking(0.02), asking(0.006)])).toBe(
      "3 real requests to your models, for about $0.03; --no-inference leaves them out",
    );
    expect(announcement([asking(0.0005)])).toContain("1 real request to your models, for about $0.01");
  });

  test("nothing is said where none is asked", () => {
    expect(announcement([asking()])).toBeUndefined();
  });
});

test("known secrets and what looks like a key are taken out of whatever is shown", () => {
  const key = `sk-proj-${"0".repeat(40)}`;
  const token = `ocg_${"a".repeat(48)}`;
  const result: Result = {
    ...BAD,
    problems: [{ says: `Incorrect key ${key}, token ${token}`, fix: "set another than word-without-shape" }],
  };
  const shown = JSON.stringify([
    redacted(result, ["word-without-shape"]),
    redacted({ ...GOOD, says: `served with ${key}` }, []),
  ]);
  for (const secret of [key, token, "word-without-shape"]) expect(shown).not.toContain(secret);
  expect(shown).toContain("Incorrect key [hidden], token [hidden]");
});
