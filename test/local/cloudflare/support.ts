import Cloudflare from "cloudflare";
import {
  type LocalCloudflare,
  type LocalCloudflareOptions,
  startLocalCloudflare,
} from "../../../scripts/local/cloudflare";

/** The keys that the fake providers accept in these tests. */
export const KEYS = {
  anthropic: "sk-ant-test-key-0000000000000000",
  openai: "sk-proj-test-key-000000000000000",
  "google-ai-studio": "AIzaTestKey0000000000000000000000000000",
  openrouter: "sk-or-v1-test-key-0000000000000000",
  cerebras: "csk-testkey0000000000000000",
  cohere: "cohere-test-key-0000000000000000",
  deepseek: "sk-00000000000000000000000000000000",
  grok: "xai-testkey0000000000000000",
  groq: "gsk_testkey0000000000000000",
  mistral: "mistral-test-key-000000000000000",
  "perplexity-ai": "pplx-testkey0000000000000000",
} as const;

/** Starts a local Cloudflare for one test file and ends it afterwards. */
export function useLocalCloudflare(options: Partial<LocalCloudflareOptions> = {}): () => LocalCloudflare {
  let running: LocalCloudflare | undefined;
  beforeAll(async () => {
    running = await startLocalCloudflare({ providerKeys: KEYS, ...options });
  });
  afterAll(async () => {
    await running?.close();
  });
  return () => {
    if (!running) throw new Error("not started");
    return running;
  };
}

/** The official SDK, without its retries: they would hide what the first answer was. */
export function sdk(cloudflare: LocalCloudflare, apiToken = cloudflare.apiToken): Cloudflare {
  return new Cloudflare({ baseURL: cloudflare.apiUrl, apiToken, maxRetries: 0 });
}

/** What a gateway must be given. */
export const SETTINGS = {
  cache_invalidate_on_update: true,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
  authentication: true,
};

export async function createGateway(
  cloudflare: LocalCloudflare,
  id: string,
  settings: object = {},
): Promise<string> {
  await sdk(cloudflare).aiGateway.create({ account_id: cloudflare.accountId, id, ...SETTINGS, ...settings });
  return id;
}

/** Makes a token with these permission groups and returns id and value. */
export async function createToken(
  cloudflare: LocalCloudflare,
  ...permissions: string[]
): Promise<{ id: string; value: string }> {
  const client = sdk(cloudflare);
  const account_id = cloudflare.accountId;
  const groups = await client.accounts.tokens.permissionGroups.get({ account_id });
  const permission_groups = permissions.map((name) => {
    const id = groups.find((group) => group.name === name)?.id;
    if (id === undefined) throw new Error(`no permission group ${name}`);
    return { id };
  });
  const token = await client.accounts.tokens.create({
    account_id,
    name: permissions.join(" + ").slice(0, 120),
    policies: [
      {
        effect: "allow",
        permission_groups,
        resources: { [`com.cloudflare.api.account.${account_id}`]: "*" },
      },
    ],
  });
  if (token.id === undefined || token.value === undefined) throw new Error("the token has no id or no value");
  return { id: token.id, value: token.value };
}

/** Stores a secret in the account's store, which is made when there is none. */
export async function storeSecret(
  cloudflare: LocalCloudflare,
  name: string,
  value: string,
  scopes: ("ai_gateway" | "workers")[] = ["ai_gateway"],
): Promise<{ id: string; storeId: string }> {
  const { stores } = sdk(cloudflare).secretsStore;
  const account = { account_id: cloudflare.accountId };
  const [found] = (await stores.list(account)).result;
  const storeId = found?.id ?? (await stores.create({ ...account, name: "default_secrets_store" })).id;
  const body = [{ name, value, scopes }];
  const [secret] = (await stores.secrets.create(storeId, { ...account, body })).result;
  if (!secret) throw new Error("no secret in the answer");
  return { id: secret.id, storeId };
}

/** Stores a provider's key at a gateway (BYOK). */
export async function storeKey(
  cloudflare: LocalCloudflare,
  gateway: string,
  provider: string,
  key: string,
  alias = "default",
  fields: object = {},
): Promise<{ id: string; storeId: string }> {
  const account = { account_id: cloudflare.accountId };
  const secret = await storeSecret(cloudflare, `${gateway}_${provider}_${alias}`, key);
  const { aiGateway } = sdk(cloudflare);
  const settings = cloudflare.objects().gateways.find(({ id }) => id === gateway)?.settings;
  await aiGateway.update(gateway, { ...account, ...SETTINGS, ...settings, store_id: secret.storeId });
  const body = { provider_slug: provider, alias, default_config: alias === "default", secret_id: secret.id };
  await aiGateway.providerConfigs.create(gateway, { ...account, ...body, ...fields });
  return secret;
}

/** The refusal in which a call ends: its HTTP status and the first code in it. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: unknown; code: unknown; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Cloudflare.APIError) {
      return { status: error.status, code: error.errors[0]?.code, message: error.errors[0]?.message ?? "" };
    }
    throw error;
  }
  throw new Error("the call was expected to be refused");
}

/** A graph of one model node. */
export function oneModel(model: string, provider = "workers-ai") {
  return [
    { id: "start", type: "start" as const, outputs: { next: { elementId: "model" } } },
    {
      id: "model",
      type: "model" as const,
      properties: { provider, model, timeout: 10_000, retries: 0 },
      outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
    },
    { id: "end", type: "end" as const, outputs: {} },
  ];
}

/** What the official provider uploads: the module, then its metadata. */
export async function upload(
  cloudflare: LocalCloudflare,
  script: string,
  content: string,
  metadata: object = {},
  contentType = "application/javascript+module",
): Promise<Response> {
  const form = new FormData();
  form.append("worker.mjs", new File([content], "worker.mjs", { type: contentType }));
  const fields = { main_module: "worker.mjs", compatibility_date: "2026-07-01", bindings: [], ...metadata };
  form.append("metadata", new File([JSON.stringify(fields)], "", { type: "application/json" }));
  return fetch(`${cloudflare.apiUrl}/accounts/${cloudflare.accountId}/workers/scripts/${script}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${cloudflare.apiToken}` },
    body: form,
  });
}

/** A plain call of the API, for what the SDK does not offer. */
export async function api(cloudflare: LocalCloudflare, method: string, path: string, body?: unknown) {
  const response = await fetch(`${cloudflare.apiUrl}/accounts/${cloudflare.accountId}${path}`, {
    method,
    headers: { authorization: `Bearer ${cloudflare.apiToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}
