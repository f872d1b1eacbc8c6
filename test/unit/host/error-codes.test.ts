import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|sh)$/.test(name))
    .map((name) => readFileSync(join(root, directory, name), "utf8"));
}

/** `refuse CODE` in the shell program, `new Refusal("CODE"` in the container's part, `error CODE:` in a text. */
const USES = [
  /(?:\b(?:refuse|because|needs_root)) ([a-z]+(?:_[a-z]+)*) (?:"|\\\n)/g,
  /\bneeds_root ([a-z_]+)/g,
  /new Refusal\(\s*"([a-z_]+)"/g,
  /[`"]error ([a-z]+(?:_[a-z]+)+):/g,
];

const used = filesBelow("infra/host").flatMap((text) =>
  USES.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code)),
);
const [, table = ""] = readFileSync(join(root, "docs/troubleshooting.md"), "utf8").split(
  "## Host error codes",
);
const documented = [...table.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);

test("every code that the host program gives has a line in the documentation, and no other has one", () => {
  expect([...new Set(used)].sort()).toEqual(documented);
  expect(documented.length).toBeGreaterThan(40);
});

test("a refusal of the shell program always has a code", () => {
  const shell = filesBelow("infra/host/program")
    .join("\n")
    .replace(/^\s*#.*$/gm, "");
  expect(
    [...shell.matchAll(/\b(?:refuse|because|needs_root) (?!\w+_|busy )"?.*/g)].map(([line]) => line),
  ).toEqual(['because "$@" || tell; }', 'refuse "$@"']);
});
