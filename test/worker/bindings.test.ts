import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { keyBinding } from "../../infra/worker/bindings";
import { type Bindings, bearer, bindings, RUN_TOKEN, RunningWorker } from "./harness";
import { answerGatewayError, answerJson, Upstream } from "./upstream";

let upstream: Upstream;

beforeAll(async () => {
  upstream = await Upstream.start();
});
afterAll(() => upstream.close());
beforeEach(() => upstream.reset());

/** Runs one check against a Worker with these bindings in place of the complete ones. */
async function withBindings(
  change: (complete: Bindings) => Bindings,
  check: (worker: RunningWorker) => Promise<void>,
): Promise<void> {
  const worker = await RunningWorker.start(change(bindings(upstream.url)));
  try {
    await check(worker);
  } finally {
    await worker.stop();
  }
}

function without(name: string): (complete: Bindings) => Bindings {
  return (complete) => Object.fromEntries(Object.entries(complete).filter(([key]) => key !== name));
}

const CORE = ["GATEWAY_URL", "ACCOUNT_ID", "GATEWAY_ID", "PROVIDERS", "RUN_TOKEN", "HOST_TOKENS"];

describe("S4: a Worker without all its bindings calls nobody", () => {
  test.each(CORE)("%s is missing", async (name) => {
    await withBindings(without(name), async (worker) => {
      const reply = await worker.send("/openai/v1/chat/completions", { headers: bearer() });
      expect(reply.status).toBe(500);
      expect(reply.json()).toMatchObject({
        error: { code: "worker_misconfigured", message: expect.stringContaining(`${name} is missing`) },
      });
      const readiness = await worker.send("/readyz", { method: "GET", headers: bearer() });
      expect(readiness.status).toBe(503);
      expect(readiness.json()).toMatchObject({ ready: false, code: "worker_misconfigured" });
      expect((await worker.send("/healthz", { method: "GET" })).status).toBe(200);
    });
    expect(upstream.requests).toHaveLength(0);
  });

  test("every problem is named at once, no value among them", async () => {
    const broken = {
      GATEWAY_URL: "http://gateway.example",
      ACCOUNT_ID: "../../other",
      GATEWAY_ID: "a/b",
      PROVIDERS: ["anthropic", "unheard-of"],
      RUN_TOKEN: "two\r\nlines",
      HOST_TOKENS: '[{"host":"vps1","generation":1,"sha256":"abc"}]',
    };
    await withBindings(
      (complete) => ({ ...complete, ...broken }),
      async (worker) => {
        const reply = await worker.send("/anthropic/v1/messages", { headers: bearer() });
        expect(reply.status).toBe(500);
        const text = reply.body.toString();
        for (const name of CORE) expect(text).toContain(`${name} is invalid`);
        for (const value of ["gateway.example", "unheard-of", "two", "abc"])
          expect(text).not.toContain(value);
      },
    );
    expect(upstream.requests).toHaveLength(0);
  });

  test.each([
    ["GATEWAY_URL", "https://user:pass@gateway.example"],
    ["GATEWAY_URL", "https://gateway.example/path"],
    ["GATEWAY_URL", "http://127.0.0.1.example"],
    ["GATEWAY_URL", "https://gateway.example/"],
    ["PROVIDERS", "anthropic"],
    ["PROVIDERS", "{}"],
    ["HOST_TOKENS", "null"],
    ["HOST_TOKENS", "[null]"],
    ["HOST_TOKENS", '[{"host":"vps1","generation":1}]'],
    ["RUN_TOKEN", ""],
  ])("%s as %j is refused", async (name, value) => {
    await withBindings(
      (complete) => ({ ...complete, [name]: value }),
      async (worker) => {
        expect((await worker.send("/anthropic/v1/messages", { headers: bearer() })).status).toBe(500);
      },
    );
    expect(upstream.requests).toHaveLength(0);
  });

  test("a missing provider key stops that provider alone", async () => {
    await withBindings(without("KEY_ANTHROPIC"), async (worker) => {
      const reply = await worker.send("/anthropic/v1/messages", { headers: bearer() });
      expect(reply.status).toBe(500);
      expect(reply.json()).toMatchObject({
        type: "error",
        error: { type: "api_error", message: expect.stringContaining("KEY_ANTHROPIC") },
      });
      expect(upstream.requests).toHaveLength(0);
      expect((await worker.send("/openai/v1/responses", { headers: bearer() })).status).toBe(200);
      const readiness = await worker.send("/readyz", { method: "GET", headers: bearer() });
      expect(readiness.json()).toMatchObject({ ready: false, code: "provider_key_missing" });
    });
  });
});

test("lists may be given as JSON text, and no host at all is a complete configuration", async () => {
  await withBindings(
    (complete) => ({ ...complete, PROVIDERS: JSON.stringify(complete.PROVIDERS), HOST_TOKENS: "[]" }),
    async (worker) => {
      const reply = await worker.send("/anthropic/v1/messages", { headers: bearer() });
      expect(reply.status).toBe(401);
    },
  );
});

test("every provider's key has its own binding", () => {
  const names = LLM_PROVIDERS.map(({ slug }) => keyBinding(slug));
  expect(names).toContain("KEY_GOOGLE_AI_STUDIO");
  expect(new Set(names).size).toBe(names.length);
});

describe("/healthz", () => {
  test("is open and says nothing", async () => {
    await withBindings(
      (complete) => complete,
      async (worker) => {
        const reply = await worker.send("/healthz", { method: "GET" });
        expect([reply.status, reply.body.toString()]).toEqual([200, "ok"]);
      },
    );
    expect(upstream.requests).toHaveLength(0);
  });
});

describe("/readyz", () => {
  test("needs a host token", async () => {
    await withBindings(
      (complete) => complete,
      async (worker) => {
        expect((await worker.send("/readyz", { method: "GET" })).status).toBe(401);
        expect((await worker.send("/readyz", { method: "GET", headers: bearer("wrong") })).status).toBe(401);
        expect((await worker.send("/readyz", { headers: bearer() })).status).toBe(405);
      },
    );
    expect(upstream.requests).toHaveLength(0);
  });

  test("asks the gateway with an empty request and remembers that it took the run token", async () => {
    upstream.answer = answerGatewayError(400, 2019, "Chat completion bad format");
    await withBindings(
      (complete) => complete,
      async (worker) => {
        for (let i = 0; i < 3; i++) {
          const reply = await worker.send("/readyz", { method: "GET", headers: bearer() });
          expect([reply.status, reply.json()]).toEqual([200, { ready: true }]);
        }
      },
    );
    expect(upstream.only.headers["cf-aig-authorization"]).toBe(`Bearer ${RUN_TOKEN}`);
    expect(upstream.only.url).toMatch(/\/compat\/chat\/completions$/);
    expect(upstream.only.body).toHaveLength(0);
  });

  test.each([
    ["the run token is refused", answerGatewayError(401, 2009, "Unauthorized"), "run_token_refused"],
    [
      "the gateway is unknown",
      answerGatewayError(400, 2001, "Please configure AI Gateway"),
      "gateway_not_found",
    ],
    ["the gateway fails", answerJson(503, {}), "gateway_unreachable"],
    ["something else answers", answerJson(403, { message: "no" }), "run_token_refused"],
  ])("is 503 when %s, and is not remembered", async (_, answer, code) => {
    upstream.answer = answer;
    await withBindings(
      (complete) => complete,
      async (worker) => {
        const reply = await worker.send("/readyz", { method: "GET", headers: bearer() });
        expect(reply.status).toBe(503);
        expect(reply.json()).toMatchObject({ ready: false, code });
        upstream.answer = answerJson(400, { error: "malformed" });
        expect((await worker.send("/readyz", { method: "GET", headers: bearer() })).status).toBe(200);
      },
    );
  });
});
