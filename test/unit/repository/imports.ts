import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

export const root = resolve(__dirname, "../../..");

/** One import as a source file has it. */
export interface Import {
  /** The importing file, from the root of the repository. */
  readonly from: string;
  /** The imported file from the root, or a package's name: `@pulumi/pulumi`, `node:fs`. */
  readonly to: string;
  /** Only types: nothing is left of it at run time. */
  readonly typeOnly: boolean;
}

/** Every import of the TypeScript files below a folder, but for those of packages that are installed there. */
export function importsBelow(folder: string): Import[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .flatMap((file) => importsOf(join(folder, file)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  return readImports(file, text).map(({ specifier, typeOnly }) => ({
    from: file,
    to: resolveFrom(file, specifier),
    typeOnly,
  }));
}

/** What a file's text imports, in whatever form. */
export function readImports(file: string, text: string): { specifier: string; typeOnly: boolean }[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: { specifier: string; typeOnly: boolean }[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, typeOnly });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node.isTypeOnly);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isCallExpression(node) && isLoader(node.expression)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

/** `import(…)`, `require(…)` and `require.resolve(…)`. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  return /^require(\.resolve)?$/.test(callee.getText());
}

function resolveFrom(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return packageOf(specifier);
  const target = join(root, dirname(file), specifier);
  const candidates = [`${target}.ts`, join(target, "index.ts"), target];
  const found = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  return relative(root, found ?? target);
}

/** `@scope/name/file` as `@scope/name`. */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
