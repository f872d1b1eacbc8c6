import type { Paint } from "../lib/colours";
import { wrap } from "../lib/wrap";
import { duration, speaksUtf8 } from "../setup/progress";
import type { Check, Result } from "./check";

const WIDTH = 79;
const INDENT = "    ";
const SIGN = speaksUtf8(process.env)
  ? { ok: "✓", failed: "✗", skipped: "-" }
  : { ok: "+", failed: "x", skipped: "-" };
const STYLE = { ok: "good", failed: "bad", skipped: "note" } as const;

/** What doctor is about to spend; undefined when it asks no model. */
export function announcement(checks: readonly Check[]): string | undefined {
  const { requests, usd } = costOf(checks);
  if (requests === 0) return undefined;
  const count = requests === 1 ? "1 real request" : `${requests} real requests`;
  return `${count} to your models, for about $${Math.max(usd, 0.01).toFixed(2)}; --no-inference leaves them out`;
}

export function costOf(checks: readonly Check[]): { requests: number; usd: number } {
  const costs = checks.flatMap(({ usd }) => usd ?? []);
  return { requests: costs.length, usd: Number(costs.reduce((sum, usd) => sum + usd, 0).toFixed(4)) };
}

/** A check's line with its time, and below it what was found and what puts it right. */
export function linesOf(result: Result, paint: Paint): string {
  const { title, outcome, seconds } = result;
  const time = outcome === "skipped" ? "skipped" : duration(seconds);
  const head = `${paint(STYLE[outcome], SIGN[outcome])} ${title.padEnd(WIDTH - 3 - time.length)} ${time}`;
  return [head, ...belowOf(result, paint)].join("\n");
}

function belowOf(result: Result, paint: Paint): string[] {
  if (result.outcome === "failed") {
    return result.problems.flatMap(({ says, fix }) => [
      ...indented(says),
      ...indented(`fix: ${fix}`).map((line) => paint("note", line)),
    ]);
  }
  return result.says === undefined ? [] : indented(result.says).map((line) => paint("dim", line));
}

function indented(text: string): string[] {
  return wrap(text, WIDTH - INDENT.length).map((line) => INDENT + line);
}

/** `12 good, 1 failed, 2 skipped, in 14.2 s` */
export function summary(results: readonly Result[]): string {
  const { ok, failed, skipped } = countsOf(results);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const parts = [`${ok} good`, `${failed} failed`, ...(skipped === 0 ? [] : [`${skipped} skipped`])];
  return `${parts.join(", ")}, in ${duration(seconds)}`;
}

export function countsOf(results: readonly Result[]): Record<Result["outcome"], number> {
  const of = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  return { ok: of("ok"), failed: of("failed"), skipped: of("skipped") };
}
