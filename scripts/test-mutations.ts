import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { copyCheckout } from "./lib/checkout-copy";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";
import { run } from "./lib/run";
import { MUTATIONS, type Mutation, mutate } from "./mutations/mutations";
import { prepare } from "./setup";

const TEST_MUTATIONS = {
  name: "test:mutations",
  summary: `
Proves that the end-to-end test can fail. Each mutation breaks one promise in a
copy of the checkout; the test has to fail there, in the test that names the
promise. Takes some minutes each, so it is no part of \`npm test\`.`,
  options: { only: { type: "text", value: "TEXT", default: "", text: "those whose name contains it" } },
  examples: [
    ["", "all of them"],
    ["--only gate", "those about the gate"],
  ],
  exitCodes: { 0: "every mutation was noticed", 1: "one was missed" },
} as const satisfies Command<Options>;

const root = resolve(__dirname, "..");

async function testMutations(
  { only }: Values<typeof TEST_MUTATIONS.options>,
  { print, progress, interruption }: Frame,
): Promise<number> {
  const toolchain = await prepare(progress);
  const missed: string[] = [];
  try {
    for (const mutation of MUTATIONS.filter(({ name }) => name.includes(only))) {
      const failed = await progress.step(`Broken: ${mutation.name}`, () =>
        interruption.race(failedTests(mutation)),
      );
      // The first one: the steps of that test build on each other, so those after it fail in any case.
      const noticed = failed[0]?.startsWith(mutation.noticedBy) === true;
      print(`${noticed ? "noticed" : "MISSED "}  ${mutation.name} (first to fail: ${failed[0] ?? "none"})`);
      if (!noticed) missed.push(mutation.name);
    }
  } finally {
    await toolchain.close();
  }
  return missed.length === 0 ? 0 : 1;
}

/** Names of the tests that fail in a copy with the mutation. */
async function failedTests(mutation: Mutation): Promise<string[]> {
  const copy = copyCheckout();
  try {
    const file = join(copy, mutation.file);
    writeFileSync(file, mutate(readFileSync(file, "utf8"), mutation));
    const outputFile = join(copy, "jest.json");
    const args = [
      "--selectProjects",
      "e2e",
      "--json",
      "--outputFile",
      outputFile,
      "test/e2e/lifecycle.test.ts",
    ];
    const finished = await run(join(root, "node_modules", ".bin", "jest"), args, { cwd: copy });
    return namesOfFailed(outputFile, finished.stderr);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function namesOfFailed(outputFile: string, stderr: string): string[] {
  try {
    const report = JSON.parse(readFileSync(outputFile, "utf8")) as {
      testResults: { assertionResults: { status: string; title: string }[] }[];
    };
    return report.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === "failed")
      .map(({ title }) => title);
  } catch {
    throw new Error(`jest left no report:\n${stderr}`);
  }
}

void runCommand(TEST_MUTATIONS, testMutations);
