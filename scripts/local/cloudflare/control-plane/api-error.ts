/** One entry of `errors` in an answer of the API. */
export interface ErrorEntry {
  code: number;
  message: string;
  path?: (string | number)[];
}

/** A refusal by the API: thrown by a handler, sent as the usual envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly entries: readonly ErrorEntry[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    entries: readonly ErrorEntry[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(entries.map(({ code, message }) => `${code} ${message}`).join("; "));
    this.status = status;
    this.entries = entries;
    this.headers = headers;
  }
}

const one = (status: number, code: number, message: string) => new ApiError(status, [{ code, message }]);

// The numbers are reported by people who called the real API, not documented by Cloudflare; the HTTP statuses of 7001,
// 7002 and 7005 follow from what the official provider and SDK do with them (404 drops an object from the state).
export const apiErrors = {
  /** No valid token, or one without the permission; the real API does not say which either. */
  authentication: () => one(403, 10000, "Authentication error"),
  /** `verify` with a value that is no token's. */
  invalidToken: () => one(401, 1000, "Invalid API Token"),
  tooFast: (retryAfter: number) =>
    new ApiError(429, [{ code: 971, message: "Please wait and consider throttling your request speed" }], {
      "retry-after": String(retryAfter),
    }),
  noSuchPath: (path: string) =>
    one(
      404,
      7000,
      `No route for that URI (${path}): the local Cloudflare serves only the calls the stack makes`,
    ),
  unknownAccount: (id: string) =>
    one(404, 7003, `Could not route to /accounts/${id}, perhaps your object identifier is invalid?`),
  invalid: (message: string, path: (string | number)[] = []) =>
    new ApiError(400, [{ code: 7001, message, path }]),
  duplicateGateway: () => one(400, 7001, "A gateway with this id already exists"),
  unknownGateway: () => one(404, 7002, "Gateway not found"),
  unknownRoute: () => one(404, 7005, "Route not found"),
  duplicateProviderConfig: () => one(400, 7001, "Provider config already exists"),
  /** Of the Secrets Store, as seen from AI Gateway: not there, or not active yet. */
  unknownSecretOfGateway: (id: string) => one(400, 7001, `Secret ${id} was not found`),
  unknownProviderConfig: () => one(404, 7002, "Provider config not found"),
  unknownStore: () => one(404, 1000, "store_not_found"),
  maximumStores: () => one(400, 1003, "maximum_stores_exceeded"),
  storeNotEmpty: () => one(400, 1003, "store_not_empty"),
  unknownSecret: () => one(404, 1000, "secret_not_found"),
  duplicateSecret: () => one(400, 1003, "secret_name_already_exists"),
  duplicateRoute: () => one(400, 7005, "A route with this name already exists"),
  unknownVersion: () => one(404, 7005, "Route version not found"),
  unknownToken: () => one(404, 1003, "Token not found"),
  unknownScript: () => one(404, 10007, "This Worker does not exist on your account."),
  // The numbers of these two are guesses.
  noZoneFor: (hostname: string) => one(400, 10021, `No zone of this account covers ${hostname}`),
  unknownDomain: () => one(404, 100114, "Custom domain not found"),
  noSubdomain: () => one(404, 10007, "You do not have a workers.dev subdomain."),
  subdomainTaken: () => one(409, 10036, "Account already has an associated subdomain."),
  scriptFails: (message: string) => one(400, 10021, message),
};
