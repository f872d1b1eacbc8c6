import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LLM_PROVIDERS } from "../../../infra/llm-providers";
import { CHECKOUT, checkoutFiles } from "../../../scripts/lib/checkout-files";

/** What opens something, by its shape: whatever the provider table knows, and what else is in reach of a developer. */
const SHAPES: readonly RegExp[] = [
  ...LLM_PROVIDERS.flatMap(({ keyPattern }) => keyPattern ?? []),
  /-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}/,
  /\bocg_[A-Za-z0-9]{40,}/, // a host token
  /\bpul-[0-9a-f]{40}\b/, // Pulumi
  /\b(ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/, // AWS
  /\bxox[abprs]-[A-Za-z0-9-]{20,}/, // Slack
  /\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\./, // a JSON Web Token
];

/** No vendor makes such a key. */
const PLACEHOLDER = /0{10}/;

/** Other fixtures that have the shape of a key and open nothing: their beginnings, by file. */
const FIXTURES: Readonly<Record<string, readonly string[]>> = {
  "test/unit/config/raw-config.ts": ["-----BEGIN OPENSSH"],
  "test/worker/authentication.test.ts": ["ocg_revoked"],
  "test/worker/harness.ts": ["ocg_firstHost", "ocg_secondHost"],
};

interface Found {
  readonly file: string;
  readonly line: number;
  /** Its beginning alone: the report of a test is no place for a key. */
  readonly begins: string;
}

function keysIn(file: string, text: string): Found[] {
  return text.split("\n").flatMap((content, index) =>
    SHAPES.flatMap((shape) => {
      const value = shape.exec(content)?.[0];
      return value === undefined ? [] : [{ file, line: index + 1, begins: value.slice(0, 40) }];
    }),
  );
}

function isFixture({ file, begins }: Found): boolean {
  return PLACEHOLDER.test(begins) || (FIXTURES[file]?.some((start) => begins.startsWith(start)) ?? false);
}

const found = checkoutFiles().flatMap((file) => {
  try {
    return keysIn(file, readFileSync(join(CHECKOUT, file), "latin1"));
  } catch {
    return []; // deleted in the work tree, or a link to a folder
  }
});

test("no file of the repository holds a key", () => {
  const shown = found
    .filter((one) => !isFixture(one))
    .map(({ file, line, begins }) => `${file}:${line} ${begins.slice(0, 10)}…`);
  expect(shown).toEqual([]);
});

test("every fixture that is excepted is there", () => {
  const listed = Object.entries(FIXTURES).flatMap(([file, starts]) =>
    starts.map((start) => ({ file, start })),
  );
  const missing = listed.filter(
    ({ file, start }) => !found.some((one) => one.file === file && one.begins.startsWith(start)),
  );
  expect(missing).toEqual([]);
});

// Put together here, so that this file holds none.
test.each([
  ["sk-ant-", "api03-Zx81kQ0pLm27aSdF93hT"],
  ["sk-proj-", "Zx81kQ0pLm27aSdF93hT"],
  ["ocg_", "Zx81kQ0pLm27aSdF93hTZx81kQ0pLm27aSdF93hTZx81"],
  ["-----BEGIN RSA ", "PRIVATE KEY-----"],
  ["gh", "p_Zx81kQ0pLm27aSdF93hTZx81kQ0pLm27aSdF"],
])("%s… would be found", (start, rest) => {
  expect(keysIn("notes.md", `first line\nkey: ${start}${rest}`)).toEqual([
    { file: "notes.md", line: 2, begins: (start + rest).slice(0, 40) },
  ]);
});
