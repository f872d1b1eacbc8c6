import { execFileSync, spawnSync } from "node:child_process";
import { grepPattern, keyPattern } from "../../infra/host/in-container/key-search";
import {
  COMPAT,
  GATEWAY_ENDPOINTS,
  LLM_PROVIDERS,
  llmProvider,
  looksLikeKeyOf,
  vendorOfKey,
} from "../../infra/llm-providers";

/** Keys of each vendor, made up, in every shape the vendor has given out. */
const KEYS: Record<string, string[]> = {
  anthropic: [`sk-ant-api03-${"aB3_-".repeat(18)}AA`],
  "google-ai-studio": [`AIza${"Sy0-_".repeat(7)}`, `AQ.${"Ab8RN6".repeat(8)}`],
  openai: [`sk-proj-${"aB3_-".repeat(30)}`, `sk-svcacct-${"x".repeat(40)}`, `sk-${"T3BlbkFJ".repeat(6)}`],
  openrouter: [`sk-or-v1-${"0123456789abcdef".repeat(4)}`],
  cerebras: [`csk-${"a1b2".repeat(12)}`],
  deepseek: [`sk-${"0123456789abcdef".repeat(2)}`],
  grok: [`xai-${"aB3".repeat(26)}`],
  groq: [`gsk_${"aB3".repeat(17)}`],
  "perplexity-ai": [`pplx-${"aB3".repeat(16)}`],
};

/** Keys of vendors whose keys have no shape of their own. */
const SHAPELESS: Record<string, string> = { cohere: `${"aB3".repeat(13)}x`, mistral: "aB3d".repeat(8) };

/** Of a Claude subscription. */
const LOG_IN = `sk-ant-oat01-${"xY9".repeat(28)}`;

/** What OpenClaw appends to a base URL, by `api`, and by provider where its default is another one. */
const OPERATION_OF_API: Record<string, string> = {
  "openai-completions": "/chat/completions",
  "openai-responses": "/responses",
  "google-generative-ai": "/models/{model}:streamGenerateContent",
  anthropic: "/v1/messages",
  openai: "/responses",
  grok: "/responses",
};

const EACH_KEY = LLM_PROVIDERS.flatMap(({ slug }) =>
  (KEYS[slug] ?? []).map((key) => [slug, key.slice(0, 12), key] as const),
);

test("slugs are unique and there is a key to try for each provider", () => {
  const slugs = GATEWAY_ENDPOINTS.map(({ slug }) => slug);
  expect(new Set(slugs).size).toBe(slugs.length);
  const withKey = LLM_PROVIDERS.filter(({ runTokenKey }) => !runTokenKey);
  expect(Object.keys({ ...KEYS, ...SHAPELESS }).sort()).toEqual(withKey.map(({ slug }) => slug));
  const withPattern = LLM_PROVIDERS.filter(({ keyPattern }) => keyPattern !== undefined);
  expect(Object.keys(KEYS).sort()).toEqual(withPattern.map(({ slug }) => slug));
});

test("a provider is found by its slug", () => {
  expect(llmProvider("google-ai-studio")?.name).toBe("Google AI Studio");
  expect(llmProvider("compat")).toBeUndefined();
  expect(llmProvider("unheard-of")).toBeUndefined();
});

test.each(EACH_KEY)("a key of %s (%s…) is known as its and as no other vendor's", (slug, _, key) => {
  const owners = LLM_PROVIDERS.filter((provider) => looksLikeKeyOf(provider, key));
  expect(owners.map((owner) => owner.slug)).toEqual([slug]);
  expect(vendorOfKey(key)?.slug).toBe(slug);
  const found = LLM_PROVIDERS.filter(({ keyPattern }) => keyPattern?.test(`KEY="${key}" # comment`));
  expect(found.map((owner) => owner.slug)).toContain(slug);
});

test.each([
  "",
  "sk-",
  "sk-ant-",
  "AIza",
  "$ANTHROPIC_API_KEY",
  "change-me",
  "ocg_0123456789abcdefghijklmnop",
  LOG_IN,
])("%j is no key of anybody", (text) => {
  for (const provider of LLM_PROVIDERS) expect(looksLikeKeyOf(provider, text)).toBe(false);
});

test("a log-in token is found like a key", () => {
  expect(vendorOfKey(LOG_IN)?.slug).toBe("anthropic");
});

test.each(EACH_KEY)("grep -E finds a key of %s (%s…) by the same pattern", (slug, _, key) => {
  const source = llmProvider(slug)?.keyPattern?.source ?? "";
  const output = execFileSync("grep", ["-oE", "--", source], { input: `A_KEY='${key}'\n`, encoding: "utf8" });
  expect(output.trim()).toBe(key);
});

/** What the search of a whole host finds by this provider's pattern: ours, and `grep -E`. */
function finds(slug: string, text: string): { ours: boolean; grep: boolean } {
  const source = llmProvider(slug)?.keyPattern?.source ?? "";
  const { status } = spawnSync("grep", ["-qE", "-e", grepPattern([source])], { input: `${text}\n` });
  return { ours: keyPattern(source).test(text), grep: status === 0 };
}

test.each(EACH_KEY)("a key of %s (%s…) is found wherever it is a word of its own", (slug, _, key) => {
  for (const text of [
    key,
    `A=${key}`,
    `{"k":"${key}"}`,
    `Bearer ${key} # mine`,
    `https://a.b/c?k=${key}&d`,
    `"old:\\n${key}"`,
    `k%3D${key}`,
  ])
    expect([text, finds(slug, text)]).toEqual([text, { ours: true, grep: true }]);
  for (const text of [`my-${key}`, `A=x${key}`, `_${key}`])
    expect([text, finds(slug, text)]).toEqual([text, { ours: false, grep: false }]);
});

test.each([
  ["deepseek", `sk-${"0123456789abcdef".repeat(4)}`],
  ["deepseek", `sk-${"0123456789abcdef".repeat(2)}-old`],
  ["google-ai-studio", `AIza${"Sy0-_".repeat(8)}`],
  ["groq", `gsk_${"aB3".repeat(17)}_x`],
])("what only begins like a key of %s is none: %s", (slug, text) => {
  expect(finds(slug, `MY_TOOL=${text}`)).toEqual({ ours: false, grep: false });
});

test("no two providers read the same environment variable or OpenClaw entry", () => {
  const names = LLM_PROVIDERS.flatMap(({ keyEnvNames }) => keyEnvNames);
  const ids = LLM_PROVIDERS.map(({ openclaw }) => openclaw.providerId);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(GATEWAY_ENDPOINTS.map((endpoint) => [endpoint.slug, endpoint] as const))(
  "%s",
  (slug, endpoint) => {
    test("paths are absolute, plain and have one placeholder at most", () => {
      for (const route of endpoint.routes) {
        expect(route).toMatch(/^(GET|POST) (\/(@?[a-z0-9_]+|\{model\}(:[A-Za-z]+)?))+(\?\w+(&\w+)*)?$/);
      }
      for (const prefix of endpoint.pathPrefixes) expect(prefix).toMatch(/^(\/[a-z0-9]+)*$/);
    });

    test("where prefixes mean the same, the one that is sent is one of them", () => {
      if (endpoint.sentPrefix !== undefined) expect(endpoint.pathPrefixes).toContain(endpoint.sentPrefix);
    });

    test("no query parameter is a credential", () => {
      for (const route of endpoint.routes) {
        expect(route.split("?")[1] ?? "").not.toMatch(/key|secret|auth|access|credential/i);
      }
    });

    test("no request header that is passed on is a credential or the gateway's own", () => {
      for (const name of endpoint.requestHeaders) {
        expect(name).toBe(name.toLowerCase());
        expect(name).not.toMatch(/^cf-|^x-api-key$|^x-goog-|^api-key$|authorization|cookie|forwarded/);
      }
    });

    test("OpenClaw's base path leads to a route", () => {
      const { basePath, api } = llmProvider(slug)?.openclaw ?? COMPAT.openclaw;
      const paths = endpoint.routes.flatMap((route) => {
        const [method, path = ""] = route.split(/[ ?]/);
        return endpoint.pathPrefixes.map((prefix) => `${method} /${slug}${prefix}${path}`);
      });
      const operation = OPERATION_OF_API[slug] ?? OPERATION_OF_API[api ?? "openai-completions"];
      expect(paths).toContain(`POST ${basePath}${operation}`);
    });
  },
);

test("an OpenClaw entry of its own id lists models, as there is no catalog for it", () => {
  for (const { openclaw } of LLM_PROVIDERS) {
    expect((openclaw.models ?? []).length > 0).toBe(openclaw.providerId.startsWith("cf-"));
  }
});

test.each(Object.entries(SHAPELESS))("a key of %s is like nobody else's", (slug, key) => {
  const provider = llmProvider(slug);
  expect(vendorOfKey(key)).toBeUndefined();
  expect(provider && looksLikeKeyOf(provider, key)).toBe(true);
  const foreign = KEYS.anthropic?.[0] ?? "";
  expect(provider && looksLikeKeyOf(provider, foreign)).toBe(false);
});

test("a path without a slug belongs to one endpoint alone", () => {
  const paths = GATEWAY_ENDPOINTS.flatMap(({ pathPrefixes, routes, unprefixed = [] }) =>
    routes
      .map((route) => route.split(/[ ?]/))
      .filter(([, path = ""]) => unprefixed.includes(path))
      .flatMap(([method, path]) => pathPrefixes.map((prefix) => `${method} ${prefix}${path}`)),
  );
  expect([...paths].sort()).toEqual([
    "POST /chat/completions",
    "POST /embeddings",
    "POST /responses",
    "POST /v1/chat/completions",
    "POST /v1/embeddings",
    "POST /v1/messages",
    "POST /v1/responses",
  ]);
});
