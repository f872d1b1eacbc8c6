import { causeOf } from "../../infra/fetch-cause";
import type { Check, Finding, Result } from "./check";

/** What may be looked at meanwhile. */
export interface Observer {
  /** Runs one check, and may show that it runs. */
  readonly during: (title: string, run: () => Promise<Finding>) => Promise<Finding>;
  readonly done: (result: Result) => void;
}

/**
 * Makes the checks one after the other, in their order. One that fails stops no other, but for those that need it: they
 * are skipped, with the reason. A rejection of `during` that is no finding's (Ctrl-C) is passed on.
 */
export async function runChecks(checks: readonly Check[], { during, done }: Observer): Promise<Result[]> {
  const results = new Map<string, Result>();
  for (const { id, title, needs = [], run } of checks) {
    const missing = needs.flatMap((need) => results.get(need) ?? []).find(({ outcome }) => outcome !== "ok");
    const started = performance.now();
    const finding =
      missing === undefined ? await during(title, () => withoutRejection(run)) : skippedFor(missing);
    const result = { id, title, ...finding, seconds: (performance.now() - started) / 1000 };
    results.set(id, result);
    done(result);
  }
  return [...results.values()];
}

function skippedFor({ title, outcome }: Result): Finding {
  return { outcome: "skipped", says: `"${title}" ${outcome === "failed" ? "failed" : "was skipped"}` };
}

async function withoutRejection(run: () => Promise<Finding>): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    return {
      outcome: "failed",
      problems: [{ says: causeOf(error), fix: "docs/troubleshooting.md has what is known of it" }],
    };
  }
}
