import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIELDS } from "../../../infra/config/fields";
import { MEANINGS } from "../../../infra/config/meanings";
import { configurationReference } from "../../../infra/config/reference";
import { configurationPage } from "../../../scripts/docs/configuration-page";
import { withConfigBlock } from "../../../scripts/docs/pulumi-yaml";

/** The documents of the configuration say what the validation does. `npm run docs` writes them. */

const read = (name: string) => readFileSync(join(__dirname, "../../..", name), "utf8");
const entries = configurationReference();
const paths = entries.map(({ path }) => path);

test("docs/configuration.md is what `npm run docs` writes", () => {
  expect(read("docs/configuration.md")).toBe(configurationPage());
});

test("the config block of Pulumi.yaml is what `npm run docs` writes", () => {
  expect(read("Pulumi.yaml")).toBe(withConfigBlock(read("Pulumi.yaml")));
});

test("every key that a message speaks of is described, and no other", () => {
  const isPosition = (path: string) => path.endsWith("[]");
  expect(Object.keys(FIELDS).filter((path) => !isPosition(path) && !paths.includes(path))).toEqual([]);
  const isUsed = (path: string) =>
    path.endsWith(".*") ? paths.some((key) => key.startsWith(path.slice(0, -1))) : paths.includes(path);
  expect(Object.keys(MEANINGS).filter((path) => !isUsed(path))).toEqual([]);
});

test.each(entries.filter(({ secret }) => secret).map(({ path, example }) => [path, example]))(
  "%s is secret and has no example",
  (_, example) => expect(example).toBeUndefined(),
);

test("every kind of secret is marked", () => {
  const secrets = entries.filter(({ secret }) => secret).map(({ path }) => path);
  expect(secrets).toEqual(
    expect.arrayContaining([
      "cloudflare:apiToken",
      "runToken.value",
      "providers.*.apiKey",
      "hosts[].privateKey",
      "gateway.otels[].authorization",
    ]),
  );
  // A key that is named like a credential and is none of these has been forgotten.
  const looksSecret = paths.filter((path) => /\.\w*(key|token|authorization|secret|password)$/i.test(path));
  const plain = ["hosts[].hostKey", "hosts[].jumpHost.hostKey", "gateway.logpushPublicKey"];
  expect(looksSecret.filter((path) => !secrets.includes(path) && !plain.includes(path))).toEqual([]);
});

test("defaults are those of the validation", () => {
  const unset = Object.fromEntries(entries.map((entry) => [entry.path, entry.unset]));
  expect(unset).toMatchObject({
    "gateway.url": "`https://gateway.ai.cloudflare.com`",
    "gateway.logManagement": "`100000`",
    "runToken.drainSeconds": "`60`",
    "hosts[].port": "`22`",
    "hosts[].name": undefined,
    accountId: undefined,
  });
});
