import { workerAddress } from "../../../infra/cloudflare/address";
import type { StackConfig } from "../../../infra/config";

const config = (worker: object) =>
  ({ accountId: "acc", worker: { name: "openclaw-dev", ...worker } }) as StackConfig;

test.each<[string, object, string | undefined, string]>([
  [
    "a configured address is taken as it is",
    { url: "https://a.example.com" },
    "acme",
    "https://a.example.com",
  ],
  [
    "also beside a domain",
    { url: "http://127.0.0.1:1", domain: "ai.example.com" },
    "acme",
    "http://127.0.0.1:1",
  ],
  ["a custom domain", { domain: "ai.example.com" }, "acme", "https://ai.example.com"],
  ["workers.dev", {}, "acme", "https://openclaw-dev.acme.workers.dev"],
  [
    "the subdomain that is to be made",
    { createSubdomain: "mine" },
    undefined,
    "https://openclaw-dev.mine.workers.dev",
  ],
  [
    "the one that is there wins",
    { createSubdomain: "mine" },
    "acme",
    "https://openclaw-dev.acme.workers.dev",
  ],
])("%s", (_, worker, subdomain, address) => {
  expect(workerAddress(config(worker), subdomain)).toBe(address);
});

test("no address at all: both ways out are named", () => {
  expect(() => workerAddress(config({}), undefined)).toThrow(
    /Account acc has no workers\.dev subdomain.*worker\.createSubdomain.*worker\.domain/,
  );
});
