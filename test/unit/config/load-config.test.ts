import * as pulumi from "@pulumi/pulumi";
import { ConfigError, loadConfig } from "../../../infra/config";
import { valueNow } from "../program/recorded-stack";
import { HOST, KEYS, PRIVATE_KEY } from "./raw-config";

const key = (name: string) => `openclaw-ai-gateway:${name}`;
const TOKEN = "t".repeat(40);

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "openclaw-ai-gateway",
    "test",
  );
});

function configure(values: Record<string, string>) {
  pulumi.runtime.setAllConfig({
    [key("accountId")]: "0123456789abcdef0123456789abcdef",
    "cloudflare:apiToken": TOKEN,
    ...values,
  });
}

afterEach(() => {
  delete process.env.CLOUDFLARE_API_TOKEN;
});

test("objects and lists are read from their JSON, and every secret is a secret output", async () => {
  configure({
    [key("providers")]: JSON.stringify({ openai: { apiKey: KEYS.openai } }),
    [key("hosts")]: JSON.stringify([HOST]),
  });
  const config = loadConfig();
  const [provider] = config.providers;
  const [host] = config.hosts;
  const secrets = [config.apiToken, provider?.apiKey, host?.privateKey].map((secret) =>
    pulumi.output(secret),
  );
  for (const secret of secrets) expect(await pulumi.isSecret(secret)).toBe(true);
  expect(await Promise.all(secrets.map(valueNow))).toEqual([TOKEN, KEYS.openai, PRIVATE_KEY]);
  // Nothing of them is in clear in what is left.
  const plain = JSON.stringify(config, (name, value) =>
    /^(apiToken|apiKey|privateKey)$/.test(name) ? undefined : value,
  );
  for (const secret of [TOKEN, KEYS.openai, "PRIVATE KEY"]) expect(plain).not.toContain(secret);
  expect(config).toMatchObject({ stack: "test", accountId: "0123456789abcdef0123456789abcdef" });
});

test("the token may come from the environment, and is then not kept as an input", () => {
  configure({ "cloudflare:apiToken": "" });
  expect(loadConfig).toThrow(/cloudflare:apiToken: not set/);
  process.env.CLOUDFLARE_API_TOKEN = TOKEN;
  pulumi.runtime.setAllConfig({ [key("accountId")]: "0123456789abcdef0123456789abcdef" });
  expect(loadConfig().apiToken).toBeUndefined();
});

test("a key of this project that nobody reads is an error, one of another name space is not", () => {
  configure({ [key("hosst")]: "[]", "aws:region": "x" });
  expect(loadConfig).toThrow(/^The configuration of stack 'test' has a problem:\n {2}1\. hosst/);
});

test("what is no JSON is shown as the text that it is", () => {
  configure({ [key("hosts")]: "[broken" });
  expect(loadConfig).toThrow(/hosts: found "\[broken"\n.*allowed: a list of hosts/);
});

test("the error is one that Pulumi shows without a stack trace", () => {
  configure({ [key("accountId")]: "" });
  expect(loadConfig).toThrow(ConfigError);
  expect(() => loadConfig()).toThrow(pulumi.RunError);
});
