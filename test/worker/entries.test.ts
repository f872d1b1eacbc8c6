import { type Bindings, bearer, bindings, GATEWAY_PATH, RUN_TOKEN, RunningWorker } from "./harness";
import { Upstream } from "./upstream";

let upstream: Upstream;
let worker: RunningWorker;

/** Settings of providers that the table knows, and providers that it does not. */
const PROVIDERS: Bindings[string] = [
  { slug: "anthropic", byokAlias: "team" },
  { slug: "openai", unifiedBilling: true },
  { slug: "openrouter", defaultHeaders: { "x-openrouter-title": "Ours" } },
  { slug: "compat", unifiedBilling: true },
  "workers-ai",
  { slug: "huggingface", routes: ["POST /v1/chat/completions"] },
  {
    slug: "custom-mine",
    apiFamily: "anthropic",
    keyHeader: "x-api-key",
    pathPrefixes: ["/api", ""],
    sentPrefix: "/api",
    requestHeaders: ["x-mine"],
    routes: ["POST /v1.2/models/{model}:run?mode", "GET /v1.2/models"],
  },
  { slug: "custom-open", keyHeader: null },
];

beforeAll(async () => {
  upstream = await Upstream.start();
  const complete = bindings(upstream.url);
  worker = await RunningWorker.start({
    ...complete,
    PROVIDERS,
    KEY_HUGGINGFACE: "key-of-huggingface",
    KEY_CUSTOM_MINE: "key-of-mine",
  });
});
afterAll(async () => {
  await worker.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

async function headersOf(path: string, sent: Record<string, string> = {}) {
  const reply = await worker.send(path, { headers: { ...bearer(), ...sent } });
  expect(reply.status).toBe(200);
  return upstream.only.headers;
}

test("with a key stored at the gateway its alias is sent, and no key", async () => {
  const headers = await headersOf("/anthropic/v1/messages");
  expect(headers).toMatchObject({ "cf-aig-byok-alias": "team", "cf-aig-no-wholesale": "true" });
  expect(headers["x-api-key"]).toBeUndefined();
});

test.each(["/openai/v1/responses", "/compat/chat/completions"])(
  "where unified billing was chosen the gateway may use credits, and no key is sent: %s",
  async (path) => {
    const headers = await headersOf(path);
    expect(headers["cf-aig-no-wholesale"]).toBeUndefined();
    expect(headers["cf-aig-byok-alias"]).toBeUndefined();
    expect(headers.authorization).toBeUndefined();
  },
);

test("Workers AI is called with the run token", async () => {
  const headers = await headersOf("/workers-ai/@cf/meta/llama-3.1-8b-instruct");
  expect(headers.authorization).toBe(`Bearer ${RUN_TOKEN}`);
});

describe("attribution", () => {
  test("is the configured one when the client sends none", async () => {
    const headers = await headersOf("/openrouter/chat/completions");
    expect(headers["x-openrouter-title"]).toBe("Ours");
    expect(headers["http-referer"]).toBeUndefined();
  });

  test("is OpenClaw's by default", async () => {
    const plain = await RunningWorker.start(bindings(upstream.url));
    try {
      await plain.send("/openrouter/chat/completions", { headers: bearer() });
      expect(upstream.only.headers).toMatchObject({
        "http-referer": "https://openclaw.ai",
        "x-openrouter-title": "OpenClaw",
      });
    } finally {
      await plain.stop();
    }
  });

  test.each(["http-referer", "x-title", "x-openrouter-title"])(
    "is the client's when it sends %s",
    async (name) => {
      const headers = await headersOf("/openrouter/chat/completions", { [name]: "https://client.example" });
      expect(headers[name]).toBe("https://client.example");
      if (name !== "x-openrouter-title") expect(headers["x-openrouter-title"]).toBeUndefined();
    },
  );
});

describe("a provider that the table does not know", () => {
  test("is served as its entry says", async () => {
    const headers = await headersOf("/custom-mine/v1.2/models/m-1:run?mode=x&key=k", {
      "x-mine": "1",
      "x-other": "2",
    });
    expect(upstream.only.url).toBe(`${GATEWAY_PATH}/custom-mine/api/v1.2/models/m-1:run?mode=x`);
    expect(headers).toMatchObject({ "x-api-key": "key-of-mine", "x-mine": "1" });
    expect(headers["x-other"]).toBeUndefined();
  });

  test("may be like OpenAI's in all that the entry leaves out", async () => {
    const headers = await headersOf("/custom-open/chat/completions");
    expect(headers.authorization).toBeUndefined();
    upstream.reset();
    const { authorization } = await headersOf("/huggingface/v1/chat/completions");
    expect(authorization).toBe("Bearer key-of-huggingface");
  });

  test.each([
    ["/custom-mine/v1x2/models/m:run", 404],
    ["/custom-mine/v1.2/models", 405],
    ["/custom-mine/v1.2/models/../x:run", 404],
    ["/custom-open/embeddings", 404],
    ["/custom-other/chat/completions", 404],
  ])("%s is %i", async (path, status) => {
    expect((await worker.send(path, { headers: bearer() })).status).toBe(status);
    expect(upstream.requests).toHaveLength(0);
  });

  test("has its errors in the shape of its API family", async () => {
    const reply = await worker.send("/custom-mine/v1.2/models/m:run", {});
    expect(reply.json()).toMatchObject({ type: "error", error: { code: "host_token_missing" } });
  });
});

test.each([
  ["has no slug", [{ routes: ["POST /x"] }]],
  ["is not in the table and has nothing but its slug", ["custom-mine"]],
  ["has a slug with a slash", [{ slug: "a/../b" }]],
])("S4: an entry that %s is refused with all others", async (_, list) => {
  const broken = await RunningWorker.start({ ...bindings(upstream.url), PROVIDERS: ["openai", ...list] });
  try {
    const reply = await broken.send("/openai/v1/responses", { headers: bearer() });
    expect([reply.status, reply.headers["x-worker-error"]]).toEqual([500, "worker_misconfigured"]);
    expect(upstream.requests).toHaveLength(0);
  } finally {
    await broken.stop();
  }
});
