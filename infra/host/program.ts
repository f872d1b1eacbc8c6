import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

/** The parts of the shell program; their names give the order. */
const PARTS = join(__dirname, "program");

let assembled: string | undefined;

/**
 * The program that runs on the host: the shell parts in order without their lines of comment, and in one variable the
 * JavaScript that they run inside OpenClaw's container. The same bytes from every checkout, or each of them would update
 * every host.
 */
export function hostProgram(): string {
  assembled ??= assemble();
  return assembled;
}

function assemble(): string {
  const parts = readdirSync(PARTS)
    .filter((name) => name.endsWith(".sh"))
    .sort()
    .map((name) => withoutComments(readFileSync(join(PARTS, name), "utf8")));
  return [`STEPS='${containerSteps().trimEnd().replaceAll("'", "'\\''")}'\n`, ...parts].join("");
}

/** No line of the program begins with `#` but for a comment: none of its texts spans lines that do. */
function withoutComments(part: string): string {
  return part.replaceAll(/^[ \t]*#.*\n/gm, "");
}

/**
 * One CommonJS text for the Node of OpenClaw's image, on one line: the first that the container reads. Minified, so that no
 * path of this checkout is in it.
 */
export function containerSteps(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "in-container", "index.ts")],
    absWorkingDir: __dirname,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    charset: "ascii",
    // A template literal keeps its line breaks, also when minified.
    supported: { "template-literal": false },
    legalComments: "none",
    write: false,
    logLevel: "silent",
    tsconfigRaw: "{}",
  });
  const [bundle] = outputFiles;
  if (!bundle) throw new Error("esbuild gave no output for infra/host/in-container");
  return bundle.text;
}
