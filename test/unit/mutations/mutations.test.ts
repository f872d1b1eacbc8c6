import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MUTATIONS, mutate } from "../../../scripts/mutations/mutations";

const root = resolve(__dirname, "..", "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

test.each(MUTATIONS)("the code still has the place that is broken: $name", (mutation) => {
  const text = read(mutation.file);

  expect(mutate(text, mutation)).not.toBe(text);
});

test.each(MUTATIONS)("the end-to-end test has the step that should notice: $name", ({ noticedBy }) => {
  expect(read("test/e2e/lifecycle.test.ts")).toContain(`"${noticedBy}`);
});
