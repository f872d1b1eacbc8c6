import * as pulumi from "@pulumi/pulumi";
import { createProviderConfigs, KeySecrets } from "../../../infra/cloudflare/byok";
import type { EnabledProvider } from "../../../infra/config";
import { llmProvider } from "../../../infra/llm-providers";
import { OpenClawProvider } from "../../../infra/pulumi-provider/resources";
import { KEYS } from "../config/raw-config";
import { type RecordedStack, recordStack } from "../program/recorded-stack";

const ACCOUNT = "0123456789abcdef0123456789abcdef";

function provider(slug: keyof typeof KEYS, alias?: string): EnabledProvider {
  const known = llmProvider(slug);
  if (known === undefined) throw new Error(slug);
  const storedKey = alias === undefined ? {} : { storedKey: { alias, value: pulumi.output(KEYS[slug]) } };
  return { provider: known, entry: slug, ...storedKey };
}

function record(providers: EnabledProvider[]): Promise<RecordedStack> {
  return recordStack(() => {
    const own = new OpenClawProvider("openclaw", {});
    const args = { accountId: ACCOUNT, gatewayId: "gw", providers };
    const keySecrets = new KeySecrets("key", args, own);
    const configs = createProviderConfigs({ ...args, keySecrets }, own);
    const ids = [own.id, keySecrets.urn, ...[...configs.values()].map(({ id }) => id)];
    return { storeId: keySecrets.storeId, ids };
  });
}

test("a key becomes a secret under the name that the gateway looks for, and a config that names it", async () => {
  const stack = await record([provider("anthropic", "default"), provider("google-ai-studio", "team")]);
  expect(stack.resource("key-store")).toMatchObject({
    type: "openclaw:index:SecretsStore",
    inputs: { accountId: ACCOUNT },
  });
  expect(stack.resource("key-google-ai-studio")).toMatchObject({
    type: "cloudflare:index/secretsStoreSecret:SecretsStoreSecret",
    inputs: {
      accountId: ACCOUNT,
      storeId: "key-store-id",
      name: "gw_google-ai-studio_team",
      scopes: ["ai_gateway"],
      value: { secret: KEYS["google-ai-studio"] },
    },
  });
  expect(stack.resource("stored-key-google-ai-studio")).toMatchObject({
    type: "openclaw:index:ProviderConfig",
    inputs: {
      accountId: ACCOUNT,
      gatewayId: "gw",
      providerSlug: "google-ai-studio",
      alias: "team",
      secretId: "key-google-ai-studio-id",
    },
  });
  expect(stack.outputs.storeId).toBe("key-store-id");
});

test("without a stored key no Secrets Store is touched", async () => {
  const { resources, outputs } = await record([provider("openai")]);
  expect(resources.map(({ type }) => type)).not.toContain("openclaw:index:SecretsStore");
  expect(outputs.storeId).toBeUndefined();
});

test("no key stands in clear in any input", async () => {
  const { resources } = await record([provider("anthropic", "default"), provider("openai", "default")]);
  const clear = JSON.stringify(
    resources.map(({ inputs }) => inputs),
    (name, value) => (name === "secret" ? undefined : value),
  );
  for (const key of Object.values(KEYS)) expect(clear).not.toContain(key);
});
