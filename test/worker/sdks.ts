import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** Where and as whom an SDK calls. */
export interface Target {
  readonly origin: string;
  /** Behind the SDK's own base path. */
  readonly path?: string;
  /** Its host token. */
  readonly token: string;
}

/** An official SDK, as far as errors are concerned. */
export interface Sdk {
  readonly name: string;
  ask(target: Target, question?: string): Promise<unknown>;
  /** Asks for a path that is served, by a method that is not. */
  askByWrongMethod(target: Target): Promise<unknown>;
  /** What an error says, once it is sure that it is exactly the class for its status. */
  read(error: unknown): Promise<{ status: number; code: unknown; message: string; retryAfter?: unknown }>;
}

/** The classes that `openai` and `@anthropic-ai/sdk` have for a status; others are plain `APIError`. */
const OPENAI_CLASSES: Readonly<Record<number, unknown>> = {
  401: OpenAI.AuthenticationError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
  500: OpenAI.InternalServerError,
  502: OpenAI.InternalServerError,
};
const ANTHROPIC_CLASSES: Readonly<Record<number, unknown>> = {
  401: Anthropic.AuthenticationError,
  404: Anthropic.NotFoundError,
  413: Anthropic.ContentTooLargeError,
  429: Anthropic.RateLimitError,
  500: Anthropic.InternalServerError,
  502: Anthropic.InternalServerError,
};

function openaiSdk(name: string, basePath: string): Sdk {
  const client = ({ origin, path = "", token }: Target) =>
    new OpenAI({ baseURL: origin + basePath + path, apiKey: token, maxRetries: 0 });
  return {
    name,
    ask: async (target, content = "ping") =>
      client(target).chat.completions.create({ model: "m", messages: [{ role: "user", content }] }),
    askByWrongMethod: async (target) => client(target).get("/chat/completions"),
    read: async (error) => {
      if (!(error instanceof OpenAI.APIError)) throw error;
      expect(error.constructor).toBe(OPENAI_CLASSES[error.status] ?? OpenAI.APIError);
      const { status, code, message, headers } = error;
      return { status, code, message, retryAfter: headers?.get("retry-after") };
    },
  };
}

function anthropicSdk(name: string, basePath: string): Sdk {
  const client = ({ origin, path = "", token }: Target) =>
    new Anthropic({ baseURL: origin + basePath + path, apiKey: token, maxRetries: 0 });
  return {
    name,
    ask: async (target, content = "ping") =>
      client(target).messages.create({ model: "m", max_tokens: 9, messages: [{ role: "user", content }] }),
    askByWrongMethod: async (target) => client(target).get("/v1/messages"),
    read: async (error) => {
      if (!(error instanceof Anthropic.APIError)) throw error;
      expect(error.constructor).toBe(ANTHROPIC_CLASSES[error.status] ?? Anthropic.APIError);
      const { status, errorCode: code, message, headers } = error;
      return { status, code, message, retryAfter: headers?.get("retry-after") };
    },
  };
}

/** Google's SDK, which is an ES module for the type checker, has one class and the body as message. */
const googleSdk: Sdk = {
  name: "@google/genai",
  ask: async (target, contents = "ping") =>
    (await googleClient(target)).models.generateContent({ model: "gemini-3.1-pro", contents }),
  askByWrongMethod: async (target) =>
    (await googleClient(target)).models.get({ model: "gemini-3.1-pro:generateContent" }),
  read: async (error) => {
    const { ApiError } = await import("@google/genai");
    if (!(error instanceof ApiError)) throw error;
    const body = JSON.parse(error.message).error;
    expect(body).toMatchObject({ code: error.status, status: expect.stringMatching(/^[A-Z_]+$/) });
    return { status: error.status, code: body.details[0].reason, message: body.message };
  },
};

async function googleClient({ origin, path = "", token }: Target) {
  const { GoogleGenAI } = await import("@google/genai");
  const httpOptions = { baseUrl: `${origin}/google-ai-studio${path}` };
  return new GoogleGenAI({ apiKey: token, httpOptions });
}

/** Every official SDK at each kind of path. */
export const SDKS: readonly Sdk[] = [
  openaiSdk("openai", "/openai/v1"),
  openaiSdk("openai, without a slug", "/v1"),
  openaiSdk("openai at OpenRouter", "/openrouter"),
  openaiSdk("openai at a dynamic route", "/compat"),
  anthropicSdk("@anthropic-ai/sdk", "/anthropic"),
  anthropicSdk("@anthropic-ai/sdk, without a slug", ""),
  googleSdk,
];

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  const answer = await call.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (answer === undefined) throw new Error("The call did not fail.");
  return answer.error;
}
