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
import { type Command, runCommand } from "./lib/command";
import type { Options } from "./lib/options";

const BUILD_WORKER = {
  name: "build:worker",
  summary: `
Writes what is deployed to dist/worker.mjs, byte for byte, and beside it
dist/worker.json with all that is needed to run it in plain workerd.`,
  options: {},
  examples: [],
  exitCodes: { 0: "written", 1: "not written" },
} as const satisfies Command<Options>;

const directory = join(__dirname, "..", "dist");

void runCommand(BUILD_WORKER, async (_values, { print }) => {
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
  print(`dist/${MAIN_MODULE}: ${Buffer.byteLength(code)} bytes; dist/worker.json describes its bindings.`);
  return 0;
});
