/** Why the host program does not go on, in its own words. */
export interface HostRefusal {
  /** Has a line in docs/troubleshooting.md. */
  readonly code: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** What the host program said. */
export interface HostAnswer {
  /** Each line that is no part of a refusal. */
  readonly says: readonly string[];
  readonly refusals: readonly HostRefusal[];
}

const REFUSAL = /^error (\w+): (.*)\n {2}expected: (.*)\n {2}fix: (.*)$/gm;

/** Reads the output of the host program. */
export function readAnswer(output: string): HostAnswer {
  const refusals = [...output.matchAll(REFUSAL)].map(
    ([, code = "", found = "", expected = "", fix = ""]): HostRefusal => ({ code, found, expected, fix }),
  );
  const says = output
    .replace(REFUSAL, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return { says, refusals };
}
