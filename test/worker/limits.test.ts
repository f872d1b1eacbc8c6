import OpenAI from "openai";
import { bearer, bindings, HOST_TOKENS, RunningWorker } from "./harness";
import { Upstream } from "./upstream";

let upstream: Upstream;
let worker: RunningWorker;

beforeAll(async () => {
  upstream = await Upstream.start();
  const SETTINGS = {
    maxBodyBytes: 1000,
    rateLimitPeriod: 60,
    metadata: { team: "home", tier: 2, beta: true },
  };
  worker = await RunningWorker.start({ ...bindings(upstream.url), SETTINGS }, { requestsPerMinute: 3 });
});
afterAll(async () => {
  await worker.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const PATH = "/openai/v1/responses";

test("further metadata goes beside the host's name", async () => {
  await worker.send(PATH, { headers: bearer(HOST_TOKENS.vps2) });
  const metadata = JSON.parse(String(upstream.only.headers["cf-aig-metadata"]));
  expect(metadata).toEqual({ team: "home", tier: 2, beta: true, host: "vps2" });
});

test.each([
  ["more than five entries", { metadata: { a: 1, b: 2, c: 3, d: 4, e: 5 } }],
  ["an entry that is not flat", { metadata: { a: { b: 1 } } }],
])("metadata with %s is refused", async (_, SETTINGS) => {
  const broken = await RunningWorker.start({ ...bindings(upstream.url), SETTINGS });
  try {
    const reply = await broken.send(PATH, { headers: bearer() });
    expect(reply.body.toString()).toContain("SETTINGS is invalid");
    expect(reply.status).toBe(500);
  } finally {
    await broken.stop();
  }
});

test("no entry of the configuration can be another host's name", async () => {
  const SETTINGS = JSON.stringify({ metadata: { host: "vps1" } });
  const other = await RunningWorker.start({ ...bindings(upstream.url), SETTINGS });
  try {
    await other.send(PATH, { headers: bearer(HOST_TOKENS.vps2) });
    expect(upstream.only.headers["cf-aig-metadata"]).toBe('{"host":"vps2"}');
  } finally {
    await other.stop();
  }
});

test("a body that says it is too large is 413, before any of it is sent on", async () => {
  const reply = await worker.send("/anthropic/v1/messages", {
    headers: { "x-api-key": HOST_TOKENS.vps1Next, "content-length": "1001" },
    body: "x".repeat(1001),
  });
  expect(reply.status).toBe(413);
  expect(reply.json()).toMatchObject({ error: { type: "request_too_large", code: "body_too_large" } });
  expect(upstream.requests).toHaveLength(0);
});

test("a host that sends too many requests gets 429 with retry-after; the other hosts do not", async () => {
  const statuses: number[] = [];
  // The limit is by host, whichever of its tokens it uses.
  for (const token of [HOST_TOKENS.vps1, HOST_TOKENS.vps1Next, HOST_TOKENS.vps1, HOST_TOKENS.vps1Next]) {
    const reply = await worker.send(PATH, { headers: bearer(token) });
    statuses.push(reply.status);
    if (reply.status === 429) expect(reply.headers["retry-after"]).toBe("60");
  }
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect(upstream.requests).toHaveLength(3);
  expect((await worker.send(PATH, { headers: bearer(HOST_TOKENS.vps2) })).status).toBe(200);

  const client = new OpenAI({ baseURL: `${worker.url}/openai/v1`, apiKey: HOST_TOKENS.vps1, maxRetries: 0 });
  const failure = await client.models.list().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
  expect(failure).toMatchObject({ code: "host_rate_limited" });
});
