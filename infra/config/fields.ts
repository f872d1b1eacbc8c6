import { MODEL_INPUTS } from "../host/openclaw-config";
import { LLM_PROVIDERS } from "../llm-providers";
import { boolean, type Field, ORIGIN } from "./field";
import { GATEWAY_FIELDS } from "./gateway";
import { HOST_STATES, sshServerFields } from "./hosts";
import { RUN_TOKEN_FIELDS } from "./run-token";

const slugs = LLM_PROVIDERS.map((provider) => provider.slug).join(", ");
const routeName = "is 1 to 64 letters, digits, '_' or '-'";
const model = "'<provider>/<model>' or '@cf/…', or an object with model, timeout and retries";
const models = `${model}; or a list of them, each the fallback of the one before it`;

const servedModel: Field = {
  allowed:
    "<OpenClaw provider>/<model> of a provider under 'providers', or cloudflare-compat/dynamic/<route>",
  example: "anthropic/claude-sonnet-4-6",
};

/** Every configuration key, list positions written as `[]` and free names as `*`. */
export const FIELDS: Readonly<Record<string, Field>> = {
  access: {
    allowed: "worker, or direct for hosts that call the gateway themselves and keep their own provider keys",
    example: "direct",
  },
  accountId: { allowed: "the 32 hex digits of your Cloudflare account's id", example: "<account-id>" },
  "cloudflare:apiToken": {
    allowed:
      "a Cloudflare API token (40 to 80 letters, digits, '-' or '_'), or CLOUDFLARE_API_TOKEN in the environment",
    secret: true,
  },
  "cloudflare:baseUrl": {
    allowed: "the https address of the Cloudflare API; plain http only for loopback",
    example: "https://api.cloudflare.com/client/v4",
  },

  ...GATEWAY_FIELDS,
  ...RUN_TOKEN_FIELDS,

  worker: { allowed: "an object with the Worker's settings", set: "name" },
  "worker.name": { allowed: "1 to 63 of a-z, 0-9 and '-', starting with a letter", example: "openclaw" },
  "worker.url": {
    allowed: `${ORIGIN}; left out, the account's workers.dev address`,
    example: "https://ai.example.com",
  },
  "worker.domain": {
    allowed: "a host name in a zone of the account, in place of workers.dev",
    example: "ai.example.com",
  },
  "worker.zoneId": { allowed: "the 32 hex digits of the domain's zone", example: "<zone-id>" },
  "worker.zoneName": { allowed: "the name of the domain's zone", example: "example.com" },
  "worker.createSubdomain": {
    allowed: "1 to 63 of a-z, 0-9 and '-': the workers.dev name to make where the account has none",
    example: "acme",
  },
  "worker.maxBodyBytes": { allowed: "bytes, above 0; left out, Cloudflare's own limit", example: "26214400" },
  "worker.metadata": {
    allowed: "an object with up to four names and texts, numbers or booleans",
    set: "team",
  },
  "worker.metadata.*": { allowed: "a text, a number, true or false", example: "<value>" },
  "worker.rateLimit": { allowed: "an object with limit and period, for each host", set: "limit" },
  "worker.rateLimit.limit": { allowed: "requests per period, above 0", example: "120" },
  "worker.rateLimit.period": { allowed: "10 or 60 seconds", example: "60" },

  providers: {
    allowed: `an object with some of ${slugs}, or any other provider of AI Gateway with its routes`,
    set: "anthropic.apiKey",
  },
  "providers.*": { allowed: "an object with one of apiKey, byokAlias and unifiedBilling", set: "apiKey" },
  "providers.*.apiKey": { allowed: "a key of that provider", secret: true },
  "providers.*.byokAlias": {
    allowed: "the alias of a key that is stored at the gateway, by yourself or with keyStore",
    example: "default",
  },
  "providers.*.keyStore": {
    allowed:
      "worker (it sends the key), gateway (it is stored there) or both; dynamic routes use stored keys",
    example: "gateway",
  },
  "providers.*.unifiedBilling": boolean("true"),
  "providers.*.models": { allowed: "a list of models for OpenClaw, each with id and name", set: "[0].id" },
  "providers.*.models[]": { allowed: "an object with id and name", set: "id" },
  "providers.*.models[].id": { allowed: "the provider's name of a model", example: "gpt-5-mini" },
  "providers.*.models[].name": { allowed: "a name", example: "GPT-5 mini" },
  "providers.*.attribution": { allowed: "for openrouter, an object with referer and title", set: "title" },
  "providers.*.attribution.referer": { allowed: "an address", example: "https://openclaw.ai" },
  "providers.*.attribution.title": { allowed: "a name", example: "OpenClaw" },
  "providers.*.name": { allowed: "a name", example: "Mine" },
  "providers.*.apiFamily": { allowed: "openai, anthropic or google", example: "openai" },
  "providers.*.keyHeader": {
    allowed: "authorization, x-api-key, x-goog-api-key or none",
    example: "authorization",
  },
  "providers.*.routes": {
    allowed: "a list such as 'POST /v1/chat/completions' or 'GET /v1/models/{model}?limit'",
    set: "[0]",
  },
  "providers.*.pathPrefixes": { allowed: "a list of paths between slug and route", set: "[0]" },
  "providers.*.sentPrefix": { allowed: "the path that the gateway is sent in their place", example: "/v1" },
  "providers.*.requestHeaders": {
    allowed: "a list of header names in lower case, none of them a credential or Cloudflare's",
    set: "[0]",
  },
  "providers.*.openclaw": { allowed: "an object with api and basePath", set: "api" },
  "providers.*.openclaw.api": { allowed: "an api of OpenClaw", example: "openai-completions" },
  "providers.*.openclaw.basePath": { allowed: "a path at the Worker", example: "/custom-mine/v1" },

  preflight: { allowed: "an object with providerKeys", set: "providerKeys" },
  "preflight.providerKeys": boolean("false"),

  restore: { allowed: "an object with keys", set: "keys" },
  "restore.keys": { allowed: "original or stack", example: "stack" },

  routes: { allowed: "an object with one entry per dynamic route", set: "main.model" },
  "routes.*": {
    allowed: `an object with one of model, fallback, split, limit, match and graph; its name (and key) ${routeName}`,
    set: "model",
  },
  "routes.*.name": { allowed: routeName, example: "main" },
  "routes.*.model": { allowed: model, example: "@cf/zai-org/glm-4.7-flash" },
  "routes.*.fallback": { allowed: `a list of models, each ${model}`, set: "[0]" },
  "routes.*.fallback[]": { allowed: model, example: "@cf/zai-org/glm-4.7-flash" },
  "routes.*.split": {
    allowed: "a list of two or more, each with percent and model; 100 percent in total",
    set: "[0].percent",
  },
  "routes.*.split[]": { allowed: "an object with percent and model", set: "percent" },
  "routes.*.split[].percent": { allowed: "1 to 99, whole", example: "10" },
  "routes.*.split[].model": { allowed: models, example: "@cf/zai-org/glm-4.7-flash" },
  "routes.*.limit": {
    allowed: "an object with per, requests or dollars, window, model and beyond",
    set: "per",
  },
  "routes.*.limit.per": { allowed: "host, or an entry of worker.metadata", example: "host" },
  "routes.*.limit.requests": { allowed: "requests within a window, above 0", example: "100" },
  "routes.*.limit.dollars": { allowed: "US dollars within a window, above 0", example: "5" },
  "routes.*.limit.window": { allowed: "seconds, above 0", example: "86400" },
  "routes.*.limit.model": { allowed: models, example: "openai/gpt-5" },
  "routes.*.limit.beyond": { allowed: models, example: "@cf/zai-org/glm-4.7-flash" },
  "routes.*.match": { allowed: "an object with metadata, cases and otherwise", set: "metadata" },
  "routes.*.match.metadata": { allowed: "host, or an entry of worker.metadata", example: "host" },
  "routes.*.match.cases": {
    allowed: "an object with a model, or a list of models, for each value",
    set: "vps1",
  },
  "routes.*.match.cases.*": { allowed: models, example: "openai/gpt-5" },
  "routes.*.match.otherwise": { allowed: models, example: "@cf/zai-org/glm-4.7-flash" },
  "routes.*.graph": { allowed: "a list of elements" },
  "routes.*.version": {
    allowed: "the id of one of the route's versions, which then serves whatever the graph is",
    example: "<version id>",
  },
  "routes.*.adopt": boolean("true"),
  "routes.*.allowPercentage": boolean("true"),

  openclaw: { allowed: "an object with primaryModel", set: "primaryModel" },
  "openclaw.env": { allowed: "config, or legacy for variables in place of openclaw.json", example: "config" },
  ...openclawFields("openclaw"),

  hosts: { allowed: "a list of hosts", set: "[0].name" },
  "hosts[]": {
    allowed: "an object with name, address, user, privateKey, hostKey and directory",
    set: "name",
  },
  "hosts[].name": { allowed: "1 to 40 of a-z, 0-9 and '-', once in the list", example: "vps1" },
  ...sshServerFields("hosts[]", "a user who may run docker and write the directory"),
  "hosts[].jumpHost": { allowed: "an object with address, user, privateKey and hostKey", set: "address" },
  ...sshServerFields("hosts[].jumpHost", "a user who may log in there"),
  "hosts[].directory": { allowed: "the absolute path of the Compose project", example: "/opt/openclaw" },
  "hosts[].service": { allowed: "a service of the Compose project", example: "openclaw-gateway" },
  "hosts[].state": { allowed: HOST_STATES.join(", "), example: "present" },
  "hosts[].canary": boolean("true"),
  "hosts[].tokenGenerations": { allowed: "an object with held and accepted", set: "held" },
  "hosts[].tokenGenerations.held": {
    allowed: "a number above 0: the generation of the token that the host has",
    example: "1",
  },
  "hosts[].tokenGenerations.accepted": {
    allowed: "a list of numbers above 0, held among them: the generations that the Worker accepts",
    set: "[0]",
  },
  "hosts[].tokenGenerations.accepted[]": { allowed: "a number above 0", example: "1" },
  "hosts[].look": boolean("true"),
  "hosts[].lookSeconds": { allowed: "seconds, above 0", example: "3" },
  "hosts[].composeFiles": {
    allowed: "a list of files of the Compose project, of letters, digits and _ . / @ % + = , ~ -",
    set: "[0]",
  },
  "hosts[].openclaw": {
    allowed: "an object with some of primaryModel, fallbacks, models, acceptUnserved and allowVersion",
    set: "primaryModel",
  },
  ...openclawFields("hosts[].openclaw"),
  "hosts[].entry": { allowed: "OpenClaw's entry file in the container", example: "dist/index.js" },
  "hosts[].allowKeys": { allowed: "a list of places, as the refusal key_elsewhere names them", set: "[0]" },
  "hosts[].window": { allowed: "HH:MM-HH:MM, in the host's own time", example: "02:00-04:00" },
  "hosts[].drainSeconds": { allowed: "seconds, above 0", example: "330" },
  "hosts[].workerWaitSeconds": { allowed: "seconds, above 0", example: "120" },
  "hosts[].readyWaitSeconds": { allowed: "seconds, above 0", example: "180" },
};

/** The settings of OpenClaw that a host's entry may have as well. */
function openclawFields(path: string): Readonly<Record<string, Field>> {
  return {
    [`${path}.primaryModel`]: servedModel,
    [`${path}.fallbacks`]: { allowed: "a list of models, tried in order", set: "[0]" },
    [`${path}.fallbacks[]`]: servedModel,
    [`${path}.models`]: { allowed: "a list of models, each with ref and name", set: "[0].ref" },
    [`${path}.models[]`]: { allowed: "an object with ref and name", set: "ref" },
    [`${path}.models[].ref`]: servedModel,
    [`${path}.models[].name`]: { allowed: "a name", example: "Kimi" },
    [`${path}.models[].input`]: { allowed: `a list of ${MODEL_INPUTS.join(", ")}`, set: "[0]" },
    [`${path}.models[].input[]`]: { allowed: MODEL_INPUTS.join(", "), example: "text" },
    [`${path}.models[].contextWindow`]: { allowed: "tokens, above 0", example: "256000" },
    [`${path}.models[].maxTokens`]: { allowed: "tokens, above 0", example: "8192" },
    [`${path}.acceptUnserved`]: { allowed: "a list of <OpenClaw provider>/<model>", set: "[0]" },
    [`${path}.allowVersion`]: { allowed: "a version of OpenClaw", example: "2026.9.6" },
  };
}

/** The entry of the table for a concrete path such as `["hosts", 0, "port"]`, or of the nearest key above it. */
export function fieldAt(path: readonly (string | number)[]): Field | undefined {
  for (let length = path.length; length > 0; length--) {
    const pattern = patternOf(path.slice(0, length));
    if (Object.hasOwn(FIELDS, pattern)) return FIELDS[pattern];
  }
  return undefined;
}

/** Whether the project reads a key of this name. */
export function isKey(name: string): boolean {
  return Object.hasOwn(FIELDS, name);
}

/** The names of the keys directly below a path; of the project's own keys when the path is empty. */
export function keysBelow(path: readonly (string | number)[]): string[] {
  const prefix = path.length === 0 ? "" : `${patternOf(path)}.`;
  return Object.keys(FIELDS).flatMap((key) => {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : "";
    return /^[A-Za-z0-9]+$/.test(name) ? [name] : [];
  });
}

/** Names that the operator chooses stand as `*` in the table, list positions as `[]`. */
function patternOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((pattern, part) => {
    if (typeof part === "number") return `${pattern}[]`;
    if (pattern === "") return part;
    const [own, any] = [`${pattern}.${part}`, `${pattern}.*`];
    return !Object.hasOwn(FIELDS, own) && Object.hasOwn(FIELDS, any) ? any : own;
  }, "");
}
