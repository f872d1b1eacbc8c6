import { readyUrl } from "../../../infra/host/in-container/gate";
import type { JsonObject } from "../../../infra/host/in-container/json";

test.each<[string, JsonObject, string]>([
  ["", {}, "http://127.0.0.1:18789/readyz"],
  ["", { gateway: { port: 19001 } }, "http://127.0.0.1:19001/readyz"],
  ["18790", { gateway: { port: 19001 } }, "http://127.0.0.1:18790/readyz"],
  ["", { gateway: { tls: { enabled: true } } }, "https://127.0.0.1:18789/readyz"],
  ["", { gateway: { tls: { enabled: false }, bind: "lan", port: "19001" } }, "http://127.0.0.1:18789/readyz"],
])("port %j of command or variable with %j is asked at %s", (port, config, url) => {
  expect(readyUrl(port, config)).toBe(url);
});
