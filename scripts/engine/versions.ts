import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Resource plugins that the stack needs, each at the version of the npm package of the same name. */
export const PLUGINS = ["cloudflare", "command", "random"] as const;
export type PluginName = (typeof PLUGINS)[number];

/** What the engine has to be, without a leading "v". */
export interface EngineVersions {
  /** The CLI; the npm package `pulumi` is its wrapper and downloads the CLI of its own version. */
  readonly cli: string;
  readonly plugins: Readonly<Record<PluginName, string>>;
}

/** The versions of the packages that are installed: the engine looks for a plugin of exactly the package's version. */
export function installedVersions(): EngineVersions {
  return {
    cli: installedVersion("pulumi"),
    plugins: {
      cloudflare: installedVersion("@pulumi/cloudflare"),
      command: installedVersion("@pulumi/command"),
      random: installedVersion("@pulumi/random"),
    },
  };
}

/** Version of an installed npm package. */
export function installedVersion(name: string): string {
  const manifest = createRequire(__filename).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
