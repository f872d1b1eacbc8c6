import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../../infra/worker/error-table";

/** Cells of the rows of a document's tables, headings left out. */
function tableRows(document: string): string[][] {
  const text = readFileSync(join(__dirname, "..", "..", "docs", document), "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

test("docs/troubleshooting.md has every error code with its status, and no other", () => {
  const documented = tableRows("troubleshooting.md").flatMap(([code = "", status, ...cells]) => {
    const name = /^`([a-z_]+)`$/.exec(code)?.[1];
    if (name === undefined || !/^\d{3}$/.test(status ?? "")) return [];
    for (const cell of cells) expect(cell).not.toBe("");
    return [[name, Number(status)]];
  });
  const made = Object.entries(ERRORS).map(([code, [status]]) => [code, status]);
  expect(documented.sort()).toEqual(made.sort());
});

test("docs/worker-conformance.md names tests that exist", () => {
  const rows = tableRows("worker-conformance.md").slice(1);
  expect(rows.map(([number]) => number)).toEqual(rows.map((_, index) => String(index + 1)));
  for (const [, , file, test = ""] of rows) {
    expect(readFileSync(join(__dirname, "..", `${file}.test.ts`), "utf8")).toContain(`"${test}"`);
  }
});
