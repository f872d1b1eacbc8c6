import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A Pulumi package that is installed for a program, and the plugin it needs. */
export interface RequiredPackage {
  readonly name: string;
  /** With a leading "v". */
  readonly version: string;
  /** Where the plugin can be downloaded, when that is not the default place. */
  readonly server: string | undefined;
}

interface Manifest {
  name?: string;
  version?: string;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/**
 * The file behind a module of `@pulumi/pulumi`, resolved as the program in the directory would.
 *
 * @throws Error when the package is not installed there.
 */
export function locateModule(module: string, directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(module);
  } catch (error) {
    throw new Error(`@pulumi/pulumi is not installed for ${directory}. Run npm install there.`, {
      cause: error,
    });
  }
}

/** The Pulumi packages at the top of the `node_modules` that a program in this directory uses. */
export function requiredPackages(directory: string): RequiredPackage[] {
  return topLevelPackages(directory).flatMap((packageDirectory) => {
    const manifest = readManifest(packageDirectory);
    if (manifest?.pulumi?.resource !== true) return [];
    const name = manifest.pulumi.name ?? manifest.name?.replace(/^@pulumi\//, "");
    const version = manifest.pulumi.version ?? manifest.version;
    if (!name || !version) return [];
    return [{ name, version: `v${version.replace(/^v/, "")}`, server: manifest.pulumi.server }];
  });
}

/** What the program's `package.json` asks for, with the versions that are installed. */
export function programDependencies(directory: string): { name: string; version: string }[] {
  const root = nearest(directory, "package.json");
  const manifest = root && readManifest(root);
  if (!root || !manifest) return [];
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  return names.sort().flatMap((name) => {
    const version = readManifest(join(root, "node_modules", name))?.version;
    return version ? [{ name, version }] : [];
  });
}

function topLevelPackages(directory: string): string[] {
  const root = nearest(directory, "node_modules");
  if (!root) return [];
  const modules = join(root, "node_modules");
  return readdirSync(modules).flatMap((entry) => {
    if (entry.startsWith(".")) return [];
    const path = join(modules, entry);
    return entry.startsWith("@") ? readdirSync(path).map((name) => join(path, name)) : [path];
  });
}

/** The directory itself or the closest one above it that has the entry. */
export function nearest(directory: string, entry: string): string | undefined {
  for (let current = directory; ; current = dirname(current)) {
    if (existsSync(join(current, entry))) return current;
    if (dirname(current) === current) return undefined;
  }
}

function readManifest(directory: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined; // a folder without a readable manifest is no package
  }
}
