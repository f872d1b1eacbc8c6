import fc from "fast-check";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { bearer, HOST_TOKENS, providerKey, RUN_TOKEN } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";
import type { RecordedRequest } from "./upstream";

shareWorker();

/** One path of every endpoint, with the header in which its key has to arrive. */
const ENDPOINTS = [
  { path: "/anthropic/v1/messages", slug: "anthropic", key: { "x-api-key": providerKey("anthropic") } },
  {
    path: "/google-ai-studio/v1beta/models/m:generateContent",
    slug: "google-ai-studio",
    key: { "x-goog-api-key": providerKey("google-ai-studio") },
  },
  {
    path: "/openai/v1/responses",
    slug: "openai",
    key: { authorization: `Bearer ${providerKey("openai")}` },
  },
  {
    path: "/openrouter/chat/completions",
    slug: "openrouter",
    key: { authorization: `Bearer ${providerKey("openrouter")}` },
  },
  { path: "/compat/chat/completions", slug: "compat", key: {} },
] as const;

const CREDENTIAL_HEADERS = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];

/** Headers that the runtime adds to any request it makes. */
const TRANSPORT_HEADERS = ["host", "connection", "content-length", "transfer-encoding", "cf-worker"];

test.each(ENDPOINTS)(
  "$slug gets its key in its own header and no other credential",
  async ({ path, key }) => {
    // The client sends its token wherever a client may send one.
    const headers = Object.fromEntries(CREDENTIAL_HEADERS.map((name) => [name, HOST_TOKENS.vps1]));
    await worker.send(path, { headers: { ...headers, ...bearer() } });
    expect(credentialsOf(upstream.only)).toEqual(key);
    expect(upstream.only.headers["cf-aig-authorization"]).toBe(`Bearer ${RUN_TOKEN}`);
  },
);

test.each(ENDPOINTS)("$slug: what the provider's API needs is passed on", async ({ path, slug }) => {
  const own = LLM_PROVIDERS.find((provider) => provider.slug === slug)?.requestHeaders ?? [];
  const common = ["accept", "accept-encoding", "content-type", "user-agent"];
  const sent = Object.fromEntries([...own, ...common].map((name) => [name, `value-of-${name}`]));
  await worker.send(path, { headers: { ...sent, ...bearer() } });
  expect(upstream.only.headers).toMatchObject(sent);
});

test("the account's credits never stand in for a refused key", async () => {
  for (const { path, slug } of ENDPOINTS) {
    upstream.reset();
    await worker.send(path, { headers: bearer() });
    expect([slug, upstream.only.headers["cf-aig-no-wholesale"]]).toEqual([slug, "true"]);
  }
});

test("S6: nothing outside the allow-list leaves, whatever a client sends (property)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ENDPOINTS), clientHeaders(), async ({ path, slug, key }, sent) => {
      upstream.reset();
      const reply = await worker.send(path, { headers: { ...sent, ...bearer() } });
      expect(reply.status).toBe(200);
      const { headers } = upstream.only;
      const own = LLM_PROVIDERS.find((provider) => provider.slug === slug)?.requestHeaders ?? [];
      for (const name of Object.keys(headers)) {
        expect([...ALLOWED, ...own, ...Object.keys(key), ...TRANSPORT_HEADERS]).toContain(name);
      }
      expect(credentialsOf(upstream.only)).toEqual(key);
      expect(headers["cf-aig-metadata"]).toBe('{"host":"vps1"}');
      expect(headers["cf-aig-authorization"]).toBe(`Bearer ${RUN_TOKEN}`);
      expect(JSON.stringify(headers)).not.toContain(HOST_TOKENS.vps1);
    }),
    { numRuns: 200 },
  );
});

test("S6: requests at the same time never get each other's headers", async () => {
  const requests = Array.from({ length: 200 }, (_, index) => ({
    body: String(index),
    host: index % 3 === 0 ? ("vps1" as const) : ("vps2" as const),
    // Each leaves out what others send.
    headers: Object.fromEntries(
      ["anthropic-version", "anthropic-beta", "content-type"]
        .filter((_name, bit) => (index >> bit) % 2 === 0)
        .map((name) => [name, `${name} of ${index}`]),
    ),
  }));
  await Promise.all(
    requests.map(({ body, host, headers }) =>
      worker.send("/anthropic/v1/messages", { headers: { ...headers, ...bearer(HOST_TOKENS[host]) }, body }),
    ),
  );
  expect(upstream.requests).toHaveLength(requests.length);
  for (const arrived of upstream.requests) {
    const sent = requests[Number(arrived.body)];
    const { "anthropic-version": version, "anthropic-beta": beta, "content-type": type } = arrived.headers;
    expect({ version, beta, type: type?.startsWith("content-type") ? type : undefined }).toEqual({
      version: sent?.headers["anthropic-version"],
      beta: sent?.headers["anthropic-beta"],
      type: sent?.headers["content-type"],
    });
    expect(JSON.parse(String(arrived.headers["cf-aig-metadata"]))).toMatchObject({ host: sent?.host });
  }
});

test("the answer's headers reach the client, the gateway's among them", async () => {
  upstream.answer = (response) => {
    response.writeHead(200, {
      "cf-aig-log-id": "01LOG",
      "cf-aig-model": "m",
      "x-request-id": "r",
      etag: '"e"',
    });
    response.end("{}");
  };
  const { headers } = await worker.send("/compat/chat/completions", { headers: bearer() });
  expect(headers).toMatchObject({
    "cf-aig-log-id": "01LOG",
    "cf-aig-model": "m",
    "x-request-id": "r",
    etag: '"e"',
  });
});

test("a cookie of the upstream's never goes back to it", async () => {
  await worker.send("/compat/chat/completions", { headers: { ...bearer(), cookie: "__cf_bm=1" } });
  expect(upstream.only.headers.cookie).toBeUndefined();
});

test("S4: a redirect is not followed and not passed on", async () => {
  upstream.answer = (response) => {
    response.writeHead(307, { location: `${upstream.url}/elsewhere` });
    response.end();
  };
  const reply = await worker.send("/anthropic/v1/messages", { headers: bearer() });
  expect(reply.status).toBe(502);
  expect(reply.headers["x-worker-error"]).toBe("gateway_redirected");
  expect(reply.headers.location).toBeUndefined();
  expect(upstream.requests).toHaveLength(1);
});

const ALLOWED = [
  "accept",
  "accept-encoding",
  "content-type",
  "user-agent",
  "cf-aig-authorization",
  "cf-aig-metadata",
  "cf-aig-no-wholesale",
];

/** Headers of every kind that ought to stay behind, and any others. */
function clientHeaders(): fc.Arbitrary<Record<string, string>> {
  const name = fc.oneof(
    fc.constantFrom(
      "cf-aig-authorization",
      "cf-aig-metadata",
      "cf-aig-byok-alias",
      "cf-aig-cache-key",
      "cf-aig-custom-cost",
      "CF-AIG-Skip-Cache",
      "cf-aig-no-wholesale",
    ),
    fc.constantFrom(
      "x-api-key",
      "X-Goog-Api-Key",
      "api-key",
      "cookie",
      "proxy-authorization",
      "openai-organization",
    ),
    fc.constantFrom(
      "x-forwarded-for",
      "cf-connecting-ip",
      "true-client-ip",
      "x-stainless-os",
      "forwarded",
      "via",
    ),
    fc.constantFrom("accept", "content-type", "anthropic-beta", "x-title", "http-referer", "openai-beta"),
    fc.stringMatching(/^x-[a-z0-9-]{1,20}$/),
  );
  return fc.dictionary(name, fc.stringMatching(/^[\x21-\x7e]{1,30}$/), { maxKeys: 12 });
}

function credentialsOf({ headers }: RecordedRequest): Record<string, string | string[] | undefined> {
  const found = CREDENTIAL_HEADERS.filter((name) => headers[name] !== undefined);
  return Object.fromEntries(found.map((name) => [name, headers[name]]));
}
