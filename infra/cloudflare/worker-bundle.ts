import { join } from "node:path";
import { buildSync } from "esbuild";
import { GATEWAY_ENDPOINTS, type GatewayEndpoint, type LlmProvider } from "../llm-providers";
import { ENDPOINT_DEFAULTS, type ProviderEntry } from "../worker/bindings";
import { ERROR_TYPES, ERRORS } from "../worker/error-table";
import type { Facts } from "../worker/facts";
import { pack } from "../worker/packing";

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
    // Names of properties that no one outside the Worker sees.
    mangleProps:
      /^(acceptedTokens|baseUrl|gatewayUrl|missingKey|enabled|lastSet|ownHeaders|gatewayHeaders|pathClass|pathname|settings|query|found|sentUrl|expected|metadataHeader|endpoint|endpoints|types)$/,
    legalComments: "none",
    charset: "utf8",
    sourcemap: false,
    define: { PACKED_FACTS: JSON.stringify(packedFacts()) },
    // Settings of the surrounding project must not change the bytes.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild made no output for the Worker.");
  return file.text;
}

/** What `infra/worker/facts.ts` declares: all providers together ought to take little of the bundle. */
function packedFacts(): string {
  const facts: Facts = [ENDPOINT_DEFAULTS, GATEWAY_ENDPOINTS.map(workerFacts), ERRORS, ERROR_TYPES];
  return pack(JSON.stringify(facts));
}

/** A provider without what concerns hosts alone, and without what the defaults say. */
function workerFacts(endpoint: GatewayEndpoint): ProviderEntry {
  const { name, keyPattern, logInPattern, keyEnvNames, keyTrial, inference, openclaw, ...facts } =
    endpoint as Partial<LlmProvider> & GatewayEndpoint;
  const defaults = new Map<string, unknown>(Object.entries(ENDPOINT_DEFAULTS));
  const differing = Object.entries(facts).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults.get(key)),
  );
  return { slug: endpoint.slug, ...Object.fromEntries(differing) };
}
