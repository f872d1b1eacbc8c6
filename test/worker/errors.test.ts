import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { ERRORS } from "../../infra/worker/error-table";
import { bearer, bindings, HOST_TOKENS, RunningWorker } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";
import { type Answer, answerGatewayError, answerJson, Upstream } from "./upstream";

shareWorker();

const MESSAGES = [{ role: "user" as const, content: "ping" }];

/** The error that a promise ends with. */
async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("The call did not fail.");
}

function openai(path: string, apiKey: string = HOST_TOKENS.vps1): OpenAI {
  return new OpenAI({ baseURL: worker.url + path, apiKey, maxRetries: 0 });
}

function anthropic(path: string, apiKey: string = HOST_TOKENS.vps1): Anthropic {
  return new Anthropic({ baseURL: worker.url + path, apiKey, maxRetries: 0 });
}

function askOpenAI(client: OpenAI): Promise<unknown> {
  return failure(client.chat.completions.create({ model: "gpt-5.4", messages: MESSAGES }));
}

function askAnthropic(client: Anthropic): Promise<unknown> {
  return failure(client.messages.create({ model: "claude-sonnet-4-6", max_tokens: 9, messages: MESSAGES }));
}

/** The error of Google's SDK, which is an ES module for the type checker. */
async function askGoogle(path: string, apiKey: string): Promise<{ status: number; message: string }> {
  const { ApiError, GoogleGenAI } = await import("@google/genai");
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: worker.url + path } });
  const error = await failure(client.models.generateContent({ model: "gemini-3.1-pro", contents: "ping" }));
  if (!(error instanceof ApiError)) throw error;
  return error;
}

describe("the official SDKs raise their own typed error with our message", () => {
  test("openai: 401", async () => {
    const error = await askOpenAI(openai("/openai/v1", "wrong"));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({
      code: "host_token_invalid",
      type: "authentication_error",
      message: expect.stringContaining(ERRORS.host_token_invalid[1]),
    });
  });

  test("openai: 404", async () => {
    const error = await askOpenAI(openai("/openai/v2"));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({
      code: "unknown_path",
      message: expect.stringContaining(ERRORS.unknown_path[1]),
    });
  });

  test("openai: 502, at a dynamic route", async () => {
    upstream.answer = answerGatewayError(400, 2005, "Failed to get response from provider");
    const error = await askOpenAI(openai("/compat"));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({
      status: 502,
      code: "provider_unanswered",
      message: expect.stringContaining("AI Gateway 2005: Failed to get response from provider"),
    });
  });

  test("openai: 429", async () => {
    upstream.answer = answerGatewayError(429, 2003, "Rate limited");
    expect(await askOpenAI(openai("/openrouter"))).toBeInstanceOf(OpenAI.RateLimitError);
  });

  test("anthropic: 401", async () => {
    const error = await askAnthropic(anthropic("/anthropic", "wrong"));
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(error).toMatchObject({
      error: {
        type: "error",
        error: {
          type: "authentication_error",
          code: "host_token_invalid",
          message: expect.stringContaining(ERRORS.host_token_invalid[1]),
        },
      },
    });
  });

  test("anthropic: 404, also without a slug", async () => {
    for (const path of ["/anthropic/v2", "/anthropic/x"]) {
      const error = await askAnthropic(anthropic(path));
      expect(error).toBeInstanceOf(Anthropic.NotFoundError);
      expect(error).toMatchObject({ message: expect.stringContaining(ERRORS.unknown_path[1]) });
    }
    expect(await askAnthropic(anthropic("", "wrong"))).toBeInstanceOf(Anthropic.AuthenticationError);
  });

  test("anthropic: 502 where the run token is refused, so that it looks like no host token", async () => {
    upstream.answer = answerGatewayError(401, 2009, "Unauthorized");
    const error = await askAnthropic(anthropic("/anthropic"));
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect(error).toMatchObject({ status: 502, message: expect.stringContaining("run_token_refused") });
  });

  test.each([
    ["401", 401, "wrong", "/google-ai-studio", "UNAUTHENTICATED", "host_token_invalid"],
    ["404", 404, HOST_TOKENS.vps1, "/google-ai-studio/x", "NOT_FOUND", "unknown_path"],
  ])("google: %s", async (_, status, token, path, grpcStatus, code) => {
    const error = await askGoogle(path, token);
    expect(error.status).toBe(status);
    const { error: body } = JSON.parse(error.message);
    expect(body).toMatchObject({ code: status, status: grpcStatus, details: [{ reason: code }] });
    expect(body.message).toContain(`[${code}]`);
  });
});

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
