import { chmodSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** The helper programs that Pulumi expects beside its CLI, and the sources they are made from. */
export const HELPERS = {
  "pulumi-language-nodejs": "host.ts",
  "pulumi-resource-pulumi-nodejs": "dynamic-provider.ts",
} as const;

/**
 * Writes the helpers into a folder, each as one executable file without dependencies. They run under the `node` that
 * is first on PATH, as the official ones do.
 */
export async function bundleHelpers(directory: string): Promise<void> {
  await Promise.all(
    Object.entries(HELPERS).map(async ([name, source]) => {
      const outfile = join(directory, name);
      await build({
        entryPoints: [join(__dirname, source)],
        outfile,
        bundle: true,
        platform: "node",
        target: "node20",
        format: "cjs",
        banner: { js: "#!/usr/bin/env node" },
        logLevel: "error",
      });
      chmodSync(outfile, 0o755);
    }),
  );
}
