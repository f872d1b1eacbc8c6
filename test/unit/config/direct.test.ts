import { parseConfig } from "../../../infra/config/parse";
import { ConfigError } from "../../../infra/config/problems";
import { HOST, KEYS, rawConfig } from "./raw-config";

/** `access: direct`: hosts call the gateway themselves, and keep their own provider keys. */

function parsed(values: Record<string, unknown>) {
  const result = parseConfig(rawConfig({ access: "direct", ...values }));
  if ("problems" in result) throw new ConfigError("test", result.problems);
  return result.config;
}

function complaint(values: Record<string, unknown>): string {
  try {
    parsed(values);
  } catch (error) {
    return error instanceof ConfigError ? error.message : String(error);
  }
  throw new Error("nothing was refused");
}

test("a provider needs no key, and neither an object nor `true` has one", () => {
  const { access, providers, unused } = parsed({ providers: { anthropic: {}, openai: true } });
  expect(access).toBe("direct");
  expect(providers).toEqual([
    expect.objectContaining({ entry: "anthropic" }),
    expect.objectContaining({ entry: "openai" }),
  ]);
  for (const provider of providers) expect(provider).not.toHaveProperty("apiKey");
  expect(unused).toEqual([]);
});

test("a key for dynamic routes is still stored at the gateway, and no Worker gets one", () => {
  const { providers, unused } = parsed({
    providers: {
      anthropic: { apiKey: KEYS.anthropic, keyStore: "gateway" },
      openai: { apiKey: KEYS.openai, keyStore: "both" },
    },
    routes: { main: { model: "anthropic/claude-sonnet-4-6" } },
  });
  for (const provider of providers) {
    expect(provider).toMatchObject({ servesRoutes: true, storedKey: { alias: "default" } });
    expect(provider).not.toHaveProperty("apiKey");
  }
  expect(unused).toEqual([]);
});

test("what only the Worker uses is named, and may wait for a return to it", () => {
  const { unused, providers, worker } = parsed({
    worker: { name: "proxy", url: "https://ai.example.com", rateLimit: { limit: 5 } },
    providers: { anthropic: { apiKey: KEYS.anthropic } },
    hosts: [HOST, { ...HOST, name: "vps2", address: "203.0.113.8", allowKeys: ["x"], tokenGenerations: {} }],
  });
  expect(unused).toEqual([
    "worker.url",
    "worker.rateLimit",
    "providers.anthropic.apiKey",
    "hosts[1].tokenGenerations",
    "hosts[1].allowKeys",
  ]);
  expect(providers[0]).not.toHaveProperty("apiKey");
  expect(worker.name).toBe("proxy");
});

test("behind the Worker nothing is unused, and a provider without a key is refused", () => {
  const result = parseConfig(rawConfig({ providers: { anthropic: true } }));
  expect(result).toMatchObject({ problems: [{ path: ["providers", "anthropic", "apiKey"] }] });
});

test("what would not work is refused, all of it at once, each with its fix", () => {
  const text = complaint({
    openclaw: { env: "legacy" },
    hosts: [{ ...HOST, state: "revoked" }],
    providers: { "custom-mine": { routes: ["POST /chat"], apiKey: "k".repeat(20) } },
    worker: { metadata: { team: "a" } },
    routes: {
      main: { limit: { per: "team", requests: 5, window: 60, model: "@cf/a/b", beyond: "@cf/a/c" } },
    },
  });
  expect(text).toContain("has 4 problems");
  expect(text).toMatch(/providers\.custom-mine: .*access is direct[\s\S]*by hand/);
  expect(text).toMatch(/routes\.main\.limit: [\s\S]*use host, the one entry that hosts send/);
  expect(text).toMatch(
    /openclaw\.env: found "legacy" \(access is direct[\s\S]*config set --path 'openclaw\.env' config/,
  );
  expect(text).toMatch(/hosts\[0\]\.state: found "revoked"[\s\S]*runToken\.rotation <a new text>/);
});

test("a route may look at the host", () => {
  const route = { limit: { per: "host", requests: 5, window: 60, model: "@cf/a/b", beyond: "@cf/a/c" } };
  expect(parsed({ routes: { main: route } }).routes[0].key).toBe("main");
});

test("any other access is refused", () => {
  expect(complaint({ access: "proxy" })).toMatch(/access: found "proxy"\s+allowed: worker, or direct/);
});
