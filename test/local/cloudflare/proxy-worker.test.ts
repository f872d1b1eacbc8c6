import { ERRORS } from "../../../infra/worker/error-table";
import { failure, SDKS, type Sdk, type Target } from "../../worker/sdks";
import { type DeployedWorker, deployWorker } from "./deployed-worker";
import { KEYS, useLocalCloudflare } from "./support";

/** The Worker as it is uploaded, with its rate-limit binding: limits from the client's SDK to the gateway's log. */

const cloudflare = useLocalCloudflare();
const MAX_BODY = 1000;
/** One host for each SDK, so that none uses up what another one may. */
const HOSTS = SDKS.map((_, index) => `vps${index}`);
let worker: DeployedWorker;

beforeAll(async () => {
  worker = await deployWorker(cloudflare(), "limited", {
    providerKeys: KEYS,
    hosts: [...HOSTS, "other"],
    settings: { maxBodyBytes: MAX_BODY, rateLimitPeriod: 60 },
    requestsPerMinute: 1,
  });
});

const as = (host: string): Target => ({ origin: worker.url, token: worker.hostTokens[host] ?? "" });

/** One a minute is let through: two in a row fail, unless a minute ends between them. */
async function askTooOften(sdk: Sdk, host: string): Promise<void> {
  for (let call = 0; call < 3; call++) {
    // What becomes of a request that is let through is not the matter here.
    await sdk.ask(as(host)).catch((error: unknown) => {
      if (String(error).includes("host_rate_limited")) throw error;
    });
  }
}

describe.each(SDKS.map((sdk, index) => [sdk.name, sdk, HOSTS[index] ?? ""] as const))(
  "%s",
  (_name, sdk, host) => {
    test("a body that is too large is 413, before it reaches the gateway", async () => {
      const logged = cloudflare().gatewayLog().length;
      const error = await sdk.read(await failure(sdk.ask(as(host), "x".repeat(MAX_BODY))));
      expect(error).toMatchObject({ status: 413, code: "body_too_large" });
      expect(error.message).toContain(ERRORS.body_too_large[1]);
      expect(cloudflare().gatewayLog()).toHaveLength(logged);
    });

    test("too many requests of a host are 429, and do not reach the gateway", async () => {
      const error = await sdk.read(await failure(askTooOften(sdk, host)));
      expect(error).toMatchObject({ status: 429, code: "host_rate_limited" });
      expect(error.message).toContain(ERRORS.host_rate_limited[1]);
      if ("retryAfter" in error) expect(error.retryAfter).toBe("60");
      const served = cloudflare()
        .gatewayLog()
        .filter(({ metadata }) => metadata.host === host);
      expect([1, 2]).toContain(served.length);
    });
  },
);

test("another host has a limit of its own", async () => {
  const response = await fetch(`${worker.url}/groq/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${worker.hostTokens.other}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-oss-120b", messages: [{ role: "user", content: "ping" }] }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("pong from groq/openai/gpt-oss-120b: ping");
});
