import { ERRORS } from "../../infra/worker/error-table";
import { bearer, bindings, RunningWorker } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";
import { type Answer, answerGatewayError, answerJson, Upstream } from "./upstream";

shareWorker();

describe("AI Gateway's own errors", () => {
  test.each([
    [400, 2001, 502, "gateway_not_found"],
    [429, 2003, 429, "gateway_rate_limited"],
    [400, 2005, 502, "provider_unanswered"],
    [400, 2008, 502, "provider_unknown"],
    [401, 2009, 502, "run_token_refused"],
    [402, 2021, 502, "credits_exhausted"],
    [400, 2040, 502, "stored_key_missing"],
    [402, 2049, 502, "credits_exhausted"],
    [403, 2999, 502, "gateway_refused"],
  ])("HTTP %i code %i becomes %i %s", async (httpStatus, gatewayCode, status, code) => {
    upstream.answer = answerGatewayError(httpStatus, gatewayCode, "the gateway's words");
    const reply = await worker.send("/openai/v1/responses", { headers: bearer() });
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({ error: { code } });
    expect(reply.headers["cf-aig-log-id"]).toBe("log-of-the-error");
  });

  test("an HTML page becomes 502 with a hint", async () => {
    upstream.answer = (response) => {
      response.writeHead(403, { "content-type": "text/html; charset=UTF-8" });
      response.end("<!DOCTYPE html><title>Attention Required!</title>");
    };
    const reply = await worker.send("/openai/v1/responses", { headers: bearer() });
    expect(reply.status).toBe(502);
    expect(reply.json()).toMatchObject({ error: { code: "gateway_blocked" } });
  });

  test("a gateway that cannot be reached is 502", async () => {
    const gone = await Upstream.start();
    const { url } = gone;
    await gone.close();
    const alone = await RunningWorker.start(bindings(url));
    try {
      const reply = await alone.send("/openai/v1/responses", { headers: bearer() });
      expect(reply.status).toBe(502);
      expect(reply.json()).toMatchObject({ error: { code: "gateway_unreachable" } });
    } finally {
      await alone.stop();
    }
  });
});

describe("a provider's own error passes unchanged", () => {
  const providerError = (status: number): Answer =>
    answerJson(status, { error: { message: "the provider's words", name: "x" } }, { "retry-after": "7" });

  test.each([400, 401, 402, 403, 404, 422, 429, 500, 503, 529])("%i", async (status) => {
    upstream.answer = providerError(status);
    const reply = await worker.send("/openai/v1/responses", { headers: bearer() });
    expect(reply.status).toBe(status);
    expect(reply.body.toString()).toBe('{"error":{"message":"the provider\'s words","name":"x"}}');
    expect(reply.headers["retry-after"]).toBe("7");
    expect(reply.headers["x-worker-error"]).toBeUndefined();
  });

  test.each(["not JSON", '"AiGatewayError"', "null", ""])("with a body that is %j", async (body) => {
    upstream.answer = (response) => {
      response.writeHead(500, { "content-type": "application/json" });
      response.end(body);
    };
    const reply = await worker.send("/openai/v1/responses", { headers: bearer() });
    expect(reply.status).toBe(500);
    expect(reply.body.toString()).toBe(body);
  });
});

test("no fault on the operator's side has a status that makes OpenClaw hold its key back", () => {
  const faults = Object.entries(ERRORS).filter(([code]) => !code.startsWith("host_token_"));
  for (const [, [status]] of faults) expect([401, 402, 403]).not.toContain(status);
});
