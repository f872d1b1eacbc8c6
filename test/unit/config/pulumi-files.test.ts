import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { keysBelow } from "../../../infra/config/fields";
import { parseConfig } from "../../../infra/config/parse";
import { ConfigError, formatPath } from "../../../infra/config/problems";
import { configurationReference } from "../../../infra/config/reference";
import {
  DEFAULT_ACCOUNT_ID,
  DEFAULT_API_TOKEN,
  LOCAL_PORTS,
  LOCAL_PROVIDER_KEYS,
} from "../../../scripts/local/cloudflare/defaults";
import { KEYS, PRIVATE_KEY, rawConfig } from "./raw-config";

const root = join(__dirname, "../../..");

function read(name: string) {
  return parse(readFileSync(join(root, name), "utf8"));
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

describe("`pulumi new`", () => {
  const { template } = read("Pulumi.yaml") as {
    template: Record<string, string> & { config: Record<string, { description: string; secret?: boolean }> };
  };

  test("asks for what every stack needs, and for no more", () => {
    const required = configurationReference().filter(
      ({ path, unset }) => isTopLevel(path) && !hasDefault(unset),
    );
    expect(Object.keys(template.config).sort()).toEqual(required.map(({ path }) => path).sort());
    for (const { path, secret } of required) expect(template.config[path]?.secret ?? false).toBe(secret);
  });

  test("says what this is and what comes next", () => {
    expect(template.displayName).toBeTruthy();
    expect(template.description).toBeTruthy();
    expect(template.quickstart).toContain("Pulumi.prod.yaml.example");
  });

  const isTopLevel = (path: string) => !/[.[]/.test(path);
  /** A variable of the environment is no default. */
  const hasDefault = (unset: string | undefined) => unset !== undefined && !/^`[A-Z_]+`$/.test(unset);
});

/** The project's own keys of a stack file. */
function valuesOf(config: Record<string, unknown>): Record<string, unknown> {
  const prefix = "openclaw-ai-gateway:";
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

test("Pulumi.prod.yaml.example is right once the secrets that it names are set", () => {
  const text = readFileSync(join(root, "Pulumi.prod.yaml.example"), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  const values = valuesOf(config) as { providers: Record<string, object>; hosts: object[] };
  const secrets = [...text.matchAll(/^# {3}npx pulumi config set (?:--path )?--secret '?([^'\s]+)'?/gm)];
  expect(secrets.map(([, path]) => path)).toEqual([
    "cloudflare:apiToken",
    ...Object.keys(values.providers).map((slug) => `providers.${slug}.apiKey`),
    ...values.hosts.map((_, index) => `hosts[${index}].privateKey`),
  ]);

  const providers = Object.fromEntries(
    Object.entries(values.providers).map(([slug, entry]) => [
      slug,
      { ...entry, apiKey: KEYS[slug as keyof typeof KEYS] },
    ]),
  );
  const hosts = values.hosts.map((host) => ({ ...host, privateKey: PRIVATE_KEY }));
  const result = parseConfig(rawConfig({ ...values, providers, hosts }));
  if ("problems" in result) throw new ConfigError("prod", result.problems);
  expect(result.config.gateway.protect).toBe(true);

  // As it is, every secret is missed.
  const bare = parseConfig(rawConfig(valuesOf(config)));
  if (!("problems" in bare)) throw new Error("the example holds secrets");
  const missed = bare.problems.map(({ path }) => formatPath(path));
  expect(missed).toEqual(expect.arrayContaining(secrets.slice(1).map(([, path]) => path)));
});

test("Pulumi.dev.yaml is a right configuration for what `npm run local` serves", () => {
  const { config } = read("Pulumi.dev.yaml") as { config: Record<string, unknown> };
  const values = valuesOf(config);
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
