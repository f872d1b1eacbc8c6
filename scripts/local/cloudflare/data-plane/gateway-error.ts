import type { Outcome } from "./exchange";

/** An error that the gateway itself makes, as opposed to one of a provider, which passes through as it is. */
export class GatewayError extends Error {
  readonly status: number;
  readonly code: number;
  /** What was being tried: for the log. */
  during: Partial<Pick<Outcome, "provider" | "model" | "step" | "dynamicRoute" | "stream">> = {};

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The same error with what was being tried. */
  while(during: GatewayError["during"]): this {
    this.during = { ...during, ...this.during };
    return this;
  }

  /** The body: `error` is an array and singular, unlike `errors` of the API. */
  body() {
    return {
      success: false,
      result: [],
      messages: [],
      error: [{ code: this.code, message: this.message }],
      name: "AiGatewayError",
      httpCode: this.status,
      internalCode: this.code,
    };
  }
}

// Only 2009 is documented by Cloudflare; the rest is reported by users, and the status of 2001 is not certain.
export const gatewayErrors = {
  unknownGateway: () =>
    new GatewayError(400, 2001, "Please configure AI Gateway in the Cloudflare dashboard"),
  rateLimited: () => new GatewayError(429, 2003, "Rate limited"),
  noAnswer: (why: string) =>
    new GatewayError(400, 2005, `Failed to get a response from the provider (${why})`),
  invalidProvider: () => new GatewayError(400, 2008, "Invalid provider"),
  unauthorized: () => new GatewayError(401, 2009, "Unauthorized"),
  noCredential: (provider: string, alias: string, aliases: readonly string[]) =>
    new GatewayError(
      400,
      2040,
      `No BYOK credential with alias "${alias}" for ${provider} (configured: ${aliases.join(", ") || "none"})`,
    ),
  badFormat: (why: string) => new GatewayError(400, 2019, `Chat completion bad format: ${why}`),
};
