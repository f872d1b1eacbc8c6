import { ERRORS, type ErrorCode } from "../../infra/worker/error-table";
import { bindings, HOST_TOKENS, RunningWorker } from "./harness";
import { failure, SDKS, type Sdk, type Target } from "./sdks";
import { shareWorker, upstream, worker } from "./shared-worker";
import { answerGatewayError, answerJson, Upstream } from "./upstream";

/** Every error that the Worker makes, as each official SDK raises it: its own class, our message, our code. */

shareWorker();

/** Workers in which something is wrong, or limited. */
const workers: Record<"limited" | "misconfigured" | "keyless" | "cutOff", RunningWorker | undefined> = {
  limited: undefined,
  misconfigured: undefined,
  keyless: undefined,
  cutOff: undefined,
};
const MAX_BODY = 1000;

beforeAll(async () => {
  const values = bindings(upstream.url);
  const SETTINGS = { maxBodyBytes: MAX_BODY, rateLimitPeriod: 60 };
  const withoutKeys = Object.entries(values).filter(([name]) => !name.startsWith("KEY_"));
  const gone = await Upstream.start();
  const nowhere = bindings(gone.url);
  await gone.close();
  workers.limited = await RunningWorker.start({ ...values, SETTINGS }, { requestsPerMinute: 1 });
  workers.misconfigured = await RunningWorker.start({ ...values, RUN_TOKEN: "" });
  workers.keyless = await RunningWorker.start(Object.fromEntries(withoutKeys));
  workers.cutOff = await RunningWorker.start(nowhere);
});
afterAll(() => Promise.all(Object.values(workers).map((running) => running?.stop())));

function at(running: RunningWorker | undefined): Target {
  if (running === undefined) throw new Error("the Worker is not running");
  return { origin: running.url, token: HOST_TOKENS.vps1 };
}

/** A call to a gateway that answers with an error of its own. */
function gatewayAnswers(status: number, gatewayCode: number) {
  return (sdk: Sdk) => {
    upstream.answer = answerGatewayError(status, gatewayCode, "the gateway's words");
    return sdk.ask(at(worker));
  };
}

/** Calls that end with each error. The others cannot be brought about by an SDK: it always sends a token. */
const SITUATIONS: Readonly<
  Record<Exclude<ErrorCode, "host_token_missing" | "internal_error">, (sdk: Sdk) => Promise<unknown>>
> = {
  unknown_path: (sdk) => sdk.ask({ ...at(worker), path: "/x" }),
  method_not_allowed: (sdk) => sdk.askByWrongMethod(at(worker)),
  host_token_invalid: (sdk) => sdk.ask({ ...at(worker), token: "wrong" }),
  body_too_large: (sdk) => sdk.ask(at(workers.limited), "x".repeat(MAX_BODY)),
  // One a minute is let through: two in a row fail, unless a minute ends between them.
  host_rate_limited: async (sdk) => {
    for (let call = 0; call < 3; call++) await sdk.ask(at(workers.limited));
  },
  worker_misconfigured: (sdk) => sdk.ask(at(workers.misconfigured)),
  provider_key_missing: (sdk) => sdk.ask(at(workers.keyless)),
  gateway_unreachable: (sdk) => sdk.ask(at(workers.cutOff)),
  gateway_redirected: (sdk) => {
    upstream.answer = answerJson(302, {}, { location: "http://127.0.0.1:1/" });
    return sdk.ask(at(worker));
  },
  gateway_blocked: (sdk) => {
    upstream.answer = answerJson(403, "<html>", { "content-type": "text/html" });
    return sdk.ask(at(worker));
  },
  gateway_not_found: gatewayAnswers(400, 2001),
  gateway_refused: gatewayAnswers(403, 2999),
  gateway_rate_limited: gatewayAnswers(429, 2003),
  run_token_refused: gatewayAnswers(401, 2009),
  provider_unanswered: gatewayAnswers(400, 2005),
  provider_unknown: gatewayAnswers(400, 2008),
  stored_key_missing: gatewayAnswers(400, 2040),
  credits_exhausted: gatewayAnswers(402, 2021),
};

const CASES = Object.entries(SITUATIONS) as [keyof typeof SITUATIONS, (sdk: Sdk) => Promise<unknown>][];

/** What some SDK and error have no case for. */
const IMPOSSIBLE: readonly (readonly [sdk: string, code: string])[] = [
  // A path without a slug that is not served is of no API family.
  ["@anthropic-ai/sdk, without a slug", "unknown_path"],
  // A dynamic route has no key of a provider.
  ["openai at a dynamic route", "provider_key_missing"],
];

describe.each(SDKS.map((sdk) => [sdk.name, sdk] as const))("%s raises its own error", (name, sdk) => {
  const possible = CASES.filter(([code]) => !IMPOSSIBLE.some(([who, what]) => who === name && what === code));

  test.each(possible)("%s", async (code, call) => {
    const error = await sdk.read(await failure(call(sdk)));
    const [status, text] = ERRORS[code];
    expect(error).toMatchObject({ status, code, message: expect.stringContaining(text) });
    expect(error.message).toContain(`[${code}]`);
    if (code === "host_rate_limited" && "retryAfter" in error) expect(error.retryAfter).toBe("60");
  });
});
