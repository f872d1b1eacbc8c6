import { bearer, HOST_TOKENS, providerKey, RUN_TOKEN, sha256 } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";
import { answerGatewayError, answerJson } from "./upstream";

shareWorker();

const MODEL_PATH = "/google-ai-studio/v1beta/models/secret-model:generateContent";

/** Waits for the line that a request leaves behind, after those that were there before. */
async function newLine(request: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const before = worker.lines.length;
  await request();
  while (worker.lines.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  const lines = worker.lines.slice(before);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

test("a refused request leaves one structured line", async () => {
  const host = { host: "vps2", provider: "google-ai-studio", path: "/models/{model}:generateContent" };
  const headers = { "x-goog-api-key": HOST_TOKENS.vps2 };
  upstream.answer = answerGatewayError(400, 2005, "no answer");
  expect(await newLine(() => worker.send(MODEL_PATH, { headers }))).toMatchObject({
    ...host,
    code: "provider_unanswered",
    status: 502,
    "cf-aig-log-id": "log-of-the-error",
  });
  const { host: _, ...unknown } = host;
  const line = await newLine(() => worker.send(MODEL_PATH, { headers: bearer("wrong") }));
  expect(line).toMatchObject({ ...unknown, code: "host_token_invalid", status: 401 });
  expect(line.host).toBeUndefined();
});

test("a provider's own error leaves one too", async () => {
  upstream.answer = answerJson(529, { error: "overloaded" }, { "cf-aig-log-id": "01LOG" });
  const line = await newLine(() => worker.send("/anthropic/v1/messages", { headers: bearer() }));
  expect(line).toEqual({
    code: "provider_error",
    status: 529,
    host: "vps1",
    provider: "anthropic",
    apiFamily: "anthropic",
    path: "/messages",
    "cf-aig-log-id": "01LOG",
  });
});

test("neither a token, a key, a query string, a body nor a client's path is ever in a line", async () => {
  const secrets = {
    headers: { ...bearer(), "x-api-key": "sk-ant-of-the-client" },
    body: '{"messages":"the-prompt"}',
  };
  upstream.answer = answerJson(401, { error: "the-provider-says" });
  await newLine(() => worker.send("/anthropic/v1/messages?beta=the-query&key=k", secrets));
  await newLine(() => worker.send(`${MODEL_PATH}?key=${HOST_TOKENS.vps1}`, secrets));
  await newLine(() => worker.send(`/anthropic/${HOST_TOKENS.vps1}`, secrets));
  await newLine(() => worker.send(`/${HOST_TOKENS.vps1}/v1/messages`, secrets));
  const said = worker.lines.join("\n");
  const needles = [
    ...Object.values(HOST_TOKENS).flatMap((token) => [token, sha256(token)]),
    ...["anthropic", "google-ai-studio"].map(providerKey),
    RUN_TOKEN,
    "the-query",
    "the-prompt",
    "the-provider-says",
    "sk-ant-of-the-client",
    "secret-model",
  ];
  for (const needle of needles) expect(said).not.toContain(needle);
});

test("a successful request leaves none", async () => {
  const before = worker.lines.length;
  for (let index = 0; index < 5; index++) await worker.send("/openai/v1/responses", { headers: bearer() });
  // What comes after it in the same order is there: so nothing was on its way.
  await newLine(() => worker.send("/nowhere", {}));
  expect(worker.lines.length).toBe(before + 1);
});
