import { gatewayPort, hostPath, servicesSharing, usesOfKeys } from "../../../infra/host/in-container/compose";

const bind = (source: string, target: string) => ({ type: "bind", source, target });
const state = bind("/srv/oc/state", "/home/node/.openclaw");
const workspace = bind("/srv/oc/work", "/home/node/.openclaw/workspace");

test.each([
  ["/home/node/.openclaw/openclaw.json", "/srv/oc/state/openclaw.json"],
  ["/home/node/.openclaw/workspace/x", "/srv/oc/work/x"],
  ["/home/node/.openclawx/openclaw.json", undefined],
  ["/etc/openclaw.json", undefined],
])("path %s of the container is %s on the host", (path, expected) => {
  expect(hostPath({ services: { gw: { volumes: [workspace, state] } } }, "gw", path)).toBe(expected);
});

test("a named volume has no path on the host", () => {
  const volumes = [{ type: "volume", source: "data", target: "/home/node/.openclaw" }];
  expect(
    hostPath({ services: { gw: { volumes } } }, "gw", "/home/node/.openclaw/openclaw.json"),
  ).toBeUndefined();
});

test("the services that mount the same configuration, the gateway first", () => {
  const services = {
    a: { volumes: [state] },
    gw: { volumes: [state] },
    z: { volumes: [workspace] },
    none: {},
  };
  expect(servicesSharing({ services }, "gw", "/home/node/.openclaw")).toEqual(["gw", "a"]);
});

test.each([
  [["node", "x", "--port", "1234"], { OPENCLAW_GATEWAY_PORT: "1236" }, "1234"],
  [["node", "x", "--port=1235"], {}, "1235"],
  [null, { OPENCLAW_GATEWAY_PORT: "1236" }, "1236"],
  [null, { OPENCLAW_GATEWAY_PORT: "127.0.0.1:1237" }, "1237"],
  [["node"], {}, ""],
])("command %j with %j listens on %j", (command, env, port) => {
  expect(gatewayPort({ services: { gw: { command } } }, "gw", env)).toBe(port);
});

test("keys that do not come from .env are named by service and variable, never by value", () => {
  const key = "sk-ant-abcdefghijklmn";
  const services = {
    gw: { environment: { ANTHROPIC_API_KEY: "from-env", EMPTY: "", OTHER: key } },
    web: { environment: { ANTHROPIC_API_KEY: "" }, command: ["serve", `--key=${key}`] },
  };
  const shapes = { otherNames: [], names: ["ANTHROPIC_API_KEY"], patterns: [/sk-ant-[a-z]{10,}/] };
  const places = usesOfKeys({ services }, shapes, new Set(["from-env"]));
  expect(places).toEqual([{ service: "gw", variable: "OTHER" }, { service: "web" }]);
});

test("what is made from a line of .env goes with that line", () => {
  const key = "sk-ant-abcdefghijklmn";
  const services = {
    gw: { environment: { HEADER: `Bearer ${key}` }, command: [`--key=${key}`] },
    web: { environment: { HEADER: `Bearer ${key}x` } },
  };
  const shapes = { otherNames: [], names: [], patterns: [/sk-ant-[a-z]{10,}/] };
  expect(usesOfKeys({ services }, shapes, new Set([key]))).toEqual([]);
  expect(usesOfKeys({ services }, shapes, new Set())).toEqual([
    { service: "gw", variable: "HEADER" },
    { service: "gw" },
    { service: "web", variable: "HEADER" },
  ]);
});
