import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../../infra/cloudflare/worker-bundle";
import type { BindingDescription } from "../../infra/worker/bindings";
import { startWorkerd } from "../../scripts/bench/worker/workerd";
import { run } from "../../scripts/lib/run";
import { Upstream } from "./upstream";

const ROOT = join(__dirname, "..", "..");

interface Description {
  readonly mainModule: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly BindingDescription[];
}

let code: string;
let description: Description;

beforeAll(async () => {
  const built = await run(join(ROOT, "node_modules", ".bin", "tsx"), ["scripts/build-worker.ts"], {
    cwd: ROOT,
  });
  expect(built).toMatchObject({ exitCode: 0 });
  description = JSON.parse(readFileSync(join(ROOT, "dist", "worker.json"), "utf8")) as Description;
  code = readFileSync(join(ROOT, "dist", description.mainModule), "utf8");
});

test("what is built is what is deployed, byte for byte", () => {
  expect(code).toBe(bundleWorker());
});

test("it runs in plain workerd with the examples of its description alone", async () => {
  const directory = mkdtempSync(join(tmpdir(), "worker-build-"));
  const upstream = await Upstream.start();
  const token = "ocg_anExampleOfAToken";
  const examples = description.bindings.map(({ name, example }) => [
    name,
    typeof example === "string" ? example : JSON.stringify(example),
  ]);
  const bindings: Record<string, string> = Object.fromEntries(examples);
  // The example is nobody's: a hash of a token that exists takes its place.
  bindings.HOST_TOKENS = (bindings.HOST_TOKENS ?? "").replace(
    "0".repeat(64),
    createHash("sha256").update(token).digest("hex"),
  );
  const workerd = await startWorkerd(
    { name: "built", code, bindings },
    { directory, upstreamPort: Number(new URL(upstream.url).port) },
  );
  try {
    const response = await fetch(`http://127.0.0.1:${workerd.port}/groq/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: "{}",
    });
    expect(response.status).toBe(200);
    expect(upstream.only.headers).toMatchObject({
      authorization: "Bearer example-groq-key",
      "cf-aig-authorization": "Bearer example-run-token",
      "cf-aig-metadata": '{"host":"vps1"}',
    });
  } finally {
    await workerd.stop();
    await upstream.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
