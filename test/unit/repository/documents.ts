import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./imports";

/** What people read, from the root of the repository. */
export const DOCUMENTS: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
].sort();

export const textOf = (document: string): string => readFileSync(join(root, document), "utf8");

/** Commands in a document, and what the comment before them says of running them. */
export interface CommandBlock {
  readonly document: string;
  readonly line: number;
  readonly commands: string;
  /** `last`: when all others of the documents were run. Undefined: not said. */
  readonly run: "run" | "last" | "not" | undefined;
}

const BLOCK =
  /^(?:[ ]*<!-- (run|run: last|not run: [^\n]+) -->\n)?([ ]*)```(?:sh|bash)[^\n]*\n(.*?)^\2```$/gms;

/** The blocks of shell commands of a document, in order. */
export function commandBlocks(document: string): CommandBlock[] {
  const text = textOf(document);
  return [...text.matchAll(BLOCK)].map((match) => {
    const [, mark, indent = "", commands = ""] = match;
    return {
      document,
      line: text.slice(0, match.index).split("\n").length,
      commands: commands.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      run: mark === undefined ? undefined : (RUN[mark] ?? "not"),
    };
  });
}

const RUN: Readonly<Record<string, CommandBlock["run"]>> = { run: "run", "run: last": "last" };

/** The relative links of a document that lead nowhere: to a file that is not there, or to a heading that it has not. */
export function deadLinks(document: string): string[] {
  const text = textOf(document).replace(/^[ ]*```.*?^[ ]*```$/gms, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = "", heading] = target.split("#");
    const file = path === "" ? document : join(document, "..", path);
    if (!existsSync(join(root, file))) return true;
    return heading !== undefined && file.endsWith(".md") && !headings(file).includes(heading);
  });
}

/** As GitHub names them. */
function headings(document: string): string[] {
  return [...textOf(document).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
