import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandBlocks, DOCUMENTS, deadLinks, textOf } from "./documents";
import { root } from "./imports";

describe.each(DOCUMENTS)("%s", (document) => {
  test("has no dead link", () => {
    expect(deadLinks(document)).toEqual([]);
  });

  test("says of each block of commands whether it is run by test/e2e/documents.test.ts", () => {
    const unmarked = commandBlocks(document).filter(({ run }) => run === undefined);
    // Before the block: <!-- run -->, or <!-- not run: <why> -->.
    expect(unmarked.map(({ line, commands }) => `${document}:${line}: ${commands}`)).toEqual([]);
  });

  test("names files that are there", () => {
    const named = [...textOf(document).matchAll(/`((?:infra|scripts|test|policy|docs)\/[\w./-]+)`/g)];
    const missing = named.map(([, file = ""]) => file).filter((file) => !existsSync(join(root, file)));
    expect(missing).toEqual([]);
  });
});

test("the promises are all there, each with its test, and the threat model has the same", () => {
  const ids = Array.from({ length: 10 }, (_, index) => `S${index + 1}`);
  const rows = [...textOf("docs/promises.md").matchAll(/^\| (S\d+) \|.*\| (.*) \|$/gm)];
  expect(rows.map(([, id]) => id)).toEqual(ids);
  for (const [, , tests] of rows) expect(tests).toContain("`test/");
  expect([...textOf("docs/threat-model.md").matchAll(/^\| (S\d+) /gm)].map(([, id]) => id)).toEqual(ids);
});
