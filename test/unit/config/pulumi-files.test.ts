import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { keysBelow } from "../../../infra/config/fields";
import { parseConfig } from "../../../infra/config/parse";
import {
  DEFAULT_ACCOUNT_ID,
  DEFAULT_API_TOKEN,
  LOCAL_PORTS,
  LOCAL_PROVIDER_KEYS,
} from "../../../scripts/local/cloudflare/defaults";

function read(name: string) {
  return parse(readFileSync(join(__dirname, "../../..", name), "utf8"));
}

describe("Pulumi.yaml", () => {
  const { config } = read("Pulumi.yaml") as {
    config: Record<string, { type: string; default: unknown; description: string }>;
  };

  test("describes exactly the keys that are read", () => {
    expect(Object.keys(config).sort()).toEqual(keysBelow([]).sort());
  });

  test.each(Object.entries(config))(
    "%s has a default, or Pulumi would refuse before the program can",
    (name, key) => {
      expect(key.default).toBeDefined();
      expect(key.description.length).toBeGreaterThan(20);
      const settings = [...keysBelow([name]), ...keysBelow([name, 0])];
      for (const setting of settings) expect(key.description).toContain(setting);
    },
  );
});

test("Pulumi.dev.yaml is a right configuration for what `npm run local` serves", () => {
  const { config } = read("Pulumi.dev.yaml") as { config: Record<string, unknown> };
  const prefix = "openclaw-ai-gateway:";
  const values = Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
  const result = parseConfig({
    project: "openclaw-ai-gateway",
    stack: "dev",
    values,
    apiToken: String(config["cloudflare:apiToken"]),
    baseUrl: String(config["cloudflare:baseUrl"]),
  });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  const local = (port: number) => `http://127.0.0.1:${port}`;
  expect(config["cloudflare:apiToken"]).toBe(DEFAULT_API_TOKEN);
  expect(result.config).toMatchObject({
    accountId: DEFAULT_ACCOUNT_ID,
    baseUrl: `${local(LOCAL_PORTS.api)}/client/v4`,
    gateway: { url: local(LOCAL_PORTS.gateway) },
    worker: { url: local(LOCAL_PORTS.worker), name: "openclaw-dev" },
  });
  const keys = result.config.providers.map(({ provider, apiKey }) => [provider.slug, apiKey]);
  expect(Object.fromEntries(keys)).toEqual(LOCAL_PROVIDER_KEYS);
});
