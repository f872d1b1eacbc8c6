import { join } from "node:path";
import { buildSync } from "esbuild";
import { GATEWAY_ENDPOINTS, type GatewayEndpoint } from "../llm-providers";

const WORKER_DIRECTORY = join(__dirname, "..", "worker");

/**
 * The Worker as one minified ES module: the exact bytes that are deployed and tested. They depend on the sources
 * alone, never on where the checkout lies, so that a second machine sees no change to upload.
 *
 * @throws esbuild's own error, which names file and line, when the Worker's sources do not build.
 */
export function bundleWorker(): string {
  const result = buildSync({
    // Relative to `absWorkingDir`, so that no checkout path can reach the output.
    absWorkingDir: WORKER_DIRECTORY,
    entryPoints: ["index.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    minify: true,
    legalComments: "none",
    charset: "utf8",
    sourcemap: false,
    define: { GATEWAY_ENDPOINTS: JSON.stringify(GATEWAY_ENDPOINTS.map(workerFacts)) },
    // Settings of the surrounding project must not change the bytes.
    tsconfigRaw: {},
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild made no output for the Worker.");
  return file.text;
}

/** The provider table without what concerns hosts alone; `infra/worker/endpoints.ts` declares it. */
function workerFacts(endpoint: GatewayEndpoint): GatewayEndpoint {
  const { slug, apiFamily, pathPrefixes, sentPrefix, routes, requestHeaders, keyHeader } = endpoint;
  return {
    slug,
    apiFamily,
    pathPrefixes,
    routes,
    requestHeaders,
    ...(sentPrefix === undefined ? {} : { sentPrefix }),
    ...(keyHeader === undefined ? {} : { keyHeader }),
  };
}
