import type { Check, Finding, Result } from "../../../../scripts/doctor/check";
import { failed, ok, skipped } from "../../../../scripts/doctor/check";
import { runChecks } from "../../../../scripts/doctor/run-checks";

function check(id: string, finding: Finding | Error, ...needs: string[]): Check & { run: jest.Mock } {
  const run = jest.fn(async () => {
    if (finding instanceof Error) throw finding;
    return finding;
  });
  return { id, title: `Check ${id}`, needs, run };
}

async function run(checks: readonly Check[]) {
  const seen: string[] = [];
  const done: string[] = [];
  const results = await runChecks(checks, {
    during: (title, work) => {
      seen.push(title);
      return work();
    },
    done: ({ id, outcome }: Result) => done.push(`${id} ${outcome}`),
  });
  return { results, seen, done };
}

test("checks are made one after the other, and each is told of when it is done", async () => {
  const { done, results } = await run([
    check("a", ok()),
    check("b", failed("no", "do")),
    check("c", ok("x")),
  ]);
  expect(done).toEqual(["a ok", "b failed", "c ok"]);
  expect(results.map(({ seconds }) => seconds >= 0)).toEqual([true, true, true]);
});

test("one that fails stops no other, but those that need it are skipped with the reason", async () => {
  const [b, c, d] = [check("b", ok(), "a"), check("c", ok(), "b"), check("d", ok())];
  const { results, seen } = await run([check("a", failed("no", "do")), b, c, d]);
  expect(results).toMatchObject([
    { outcome: "failed" },
    { outcome: "skipped", says: '"Check a" failed' },
    { outcome: "skipped", says: '"Check b" was skipped' },
    { outcome: "ok" },
  ]);
  expect(seen).toEqual(["Check a", "Check d"]);
  expect(b.run).not.toHaveBeenCalled();
});

test("a check that was not made for a reason of its own is no ground for the next", async () => {
  const { done } = await run([check("a", skipped("--no-inference")), check("b", ok(), "a")]);
  expect(done).toEqual(["a skipped", "b skipped"]);
});

test("what is needed and not in the list is no obstacle", async () => {
  expect((await run([check("a", ok(), "nowhere")])).done).toEqual(["a ok"]);
});

test("a rejection is a failure with the cause, not the end", async () => {
  const error = new Error("fetch failed", { cause: new Error("connect ECONNREFUSED") });
  const { results, done } = await run([check("a", error), check("b", ok())]);
  expect(results[0]).toMatchObject({ outcome: "failed", problems: [{ says: "connect ECONNREFUSED" }] });
  expect(done).toEqual(["a failed", "b ok"]);
});

test("Ctrl-C ends them all", async () => {
  const next = check("b", ok());
  const running = runChecks([check("a", ok()), next], {
    during: () => Promise.reject(new Error("Interrupted.")),
    done: () => {},
  });
  await expect(running).rejects.toThrow("Interrupted.");
  expect(next.run).not.toHaveBeenCalled();
});
