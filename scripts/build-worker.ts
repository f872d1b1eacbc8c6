/**
 * `npm run build:worker`: writes what is deployed to `dist/worker.mjs`, byte for byte, and beside it `dist/worker.json`
 * with all that is needed to run it in plain workerd.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleWorker } from "../infra/cloudflare/worker-bundle";
import { GATEWAY_ENDPOINTS } from "../infra/llm-providers";
import {
  COMPATIBILITY_DATE,
  COMPATIBILITY_FLAGS,
  describeBindings,
  MAIN_MODULE,
  OPTIONAL_BINDINGS,
} from "../infra/worker/bindings";

const directory = join(__dirname, "..", "dist");
const code = bundleWorker();
const description = {
  mainModule: MAIN_MODULE,
  compatibilityDate: COMPATIBILITY_DATE,
  compatibilityFlags: COMPATIBILITY_FLAGS,
  bindings: describeBindings(GATEWAY_ENDPOINTS),
  optionalBindings: OPTIONAL_BINDINGS,
};
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, MAIN_MODULE), code);
writeFileSync(join(directory, "worker.json"), `${JSON.stringify(description, null, 2)}\n`);
console.log(
  `dist/${MAIN_MODULE}: ${Buffer.byteLength(code)} bytes; dist/worker.json describes its bindings.`,
);
