import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { bundleWorker } from "../../infra/cloudflare/worker-bundle";
import { GATEWAY_ENDPOINTS, LLM_PROVIDERS } from "../../infra/llm-providers";
import { describeBindings } from "../../infra/worker/bindings";
import { pack, unpack } from "../../infra/worker/packing";
import { bindings } from "./harness";

const ROOT = join(__dirname, "..", "..");

test("the bytes do not depend on where the checkout lies or where the command runs", () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "worker-bundle-"));
  const here = process.cwd();
  try {
    for (const path of ["infra/worker", "infra/cloudflare/worker-bundle.ts", "infra/llm-providers.ts"]) {
      cpSync(join(ROOT, path), join(elsewhere, path), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(elsewhere, "node_modules"));
    process.chdir(elsewhere);
    const copy = require(join(elsewhere, "infra/cloudflare/worker-bundle.ts")) as { bundleWorker(): string };
    expect(copy.bundleWorker()).toBe(bundleWorker());
  } finally {
    process.chdir(here);
    rmSync(elsewhere, { recursive: true });
  }
});

test("the bundle has no dependency, no path of a machine, and nothing that concerns hosts alone", () => {
  const code = bundleWorker();
  expect(code).not.toMatch(/\bimport\b|\brequire\(/);
  expect(code).not.toContain(ROOT);
  expect(code).not.toMatch(/^\s*\/\//m);
  for (const { keyEnvNames } of LLM_PROVIDERS)
    for (const name of keyEnvNames) expect(code).not.toContain(name);
});

test("no JavaScript runs per chunk: nothing in the bundle reads, makes, splits or transforms a stream", () => {
  expect(bundleWorker()).not.toMatch(
    /ReadableStream|WritableStream|TransformStream|getReader|pipeTo|pipeThrough|\.tee\(|for await|arrayBuffer|\.text\(/,
  );
});

test("the description of the bindings names exactly what a complete Worker has", () => {
  const described = describeBindings(GATEWAY_ENDPOINTS).map(({ name }) => name);
  expect(described).toEqual(Object.keys(bindings("https://gateway.example")).sort());
});

test("the bundle with all providers is at most 10 kB", () => {
  expect(Buffer.byteLength(bundleWorker())).toBeLessThanOrEqual(10_000);
});

test("what is packed is unpacked as it was (property)", () => {
  const words = fc.constantFrom(
    "POST /",
    "chat/",
    "completions",
    '","',
    "GET /models",
    "{model}",
    "~",
    "^^",
    "A",
    "$&",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(words, fc.string({ unit: "grapheme-ascii" })), { maxLength: 60 }),
      (pieces) => {
        const text = pieces.join("");
        expect(unpack(pack(text))).toBe(text);
      },
    ),
    { numRuns: 100 },
  );
});
