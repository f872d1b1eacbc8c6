/**
 * Starts the provider plugin from its TypeScript sources, whatever has started Node: esbuild puts them into one script,
 * which takes a few hundredths of a second, and nothing has to be built beforehand.
 */
const { join } = require("node:path");
const { buildSync } = require("esbuild");

const main = join(__dirname, "main.ts");
const { outputFiles } = buildSync({
  entryPoints: [main],
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  write: false,
  sourcemap: "inline",
  tsconfigRaw: {},
});
module._compile(outputFiles[0].text, main);
