import { describePolicy } from "../../../infra/cloudflare/gateway-policy";
import type { Gateway } from "../../../infra/config";

const DEFAULTS = {
  collectLogs: true,
  logManagement: 100_000,
  logManagementStrategy: "DELETE_OLDEST",
  cacheTtl: 0,
  protect: false,
};

test.each<[string, Partial<Gateway> & { retained?: boolean }, string]>([
  [
    "by default",
    {},
    "Prompts and answers are stored, until 100,000 newer ones push them out; cache off; destroy deletes the gateway with its logs",
  ],
  ["not stored", { collectLogs: false }, "Prompts and answers are not stored; cache off"],
  ["stored for good", { logManagementStrategy: "STOP_INSERTING" }, "the first 100,000 of them and for good"],
  ["cached", { cacheTtl: 300 }, "; answers are cached for 300 s; "],
  ["kept", { retained: true }, "destroy keeps the gateway and its logs"],
  ["protected", { protect: true, retained: true }, "destroy is refused while gateway.protect is on"],
])("%s", (_, { retained = false, ...settings }, text) => {
  expect(describePolicy({ ...DEFAULTS, ...settings } as Gateway, retained)).toContain(text);
});
