import { hostsInState, isWell, pendingCreates, readStatus, runTokenWarning } from "../../infra/stack-status";

const urn = (name: string) => `urn:pulumi:prod::openclaw-ai-gateway::command:remote:Command::${name}`;

/** As `pulumi stack export --show-secrets` writes a secret. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const CONNECTION = {
  host: "203.0.113.7",
  port: 22,
  user: "root",
  hostKey: "ssh-ed25519 AAAA",
  privateKey: "the key",
  dialErrorLimit: 2,
  perDialTimeout: 15,
};

const guard = (name: string, connection: object) => ({
  urn: urn(`host-${name}-guard`),
  inputs: { connection: secret(connection), stdin: secret("the input"), logging: "none" },
});

const SERVER = { address: "203.0.113.7", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };

test("the hosts of a state, and how they are reached", () => {
  const { privateKey: _, ...keyless } = CONNECTION;
  const resources = [
    guard("vps1", CONNECTION),
    { urn: urn("host-vps1-apply"), inputs: { stdin: secret("the last input") } },
    guard("vps2", { ...keyless, proxy: CONNECTION }),
    { ...guard("vps3", CONNECTION), ignoreChanges: ["*"] },
    { urn: urn("gateway") },
  ];
  expect(hostsInState({ deployment: { resources } })).toEqual([
    {
      name: "vps1",
      applied: true,
      cutOff: false,
      server: { name: "vps1", ...SERVER, privateKey: "the key" },
      stdin: "the input",
      applyStdin: "the last input",
    },
    {
      name: "vps2",
      applied: false,
      cutOff: false,
      server: { name: "vps2", ...SERVER, jumpHost: { ...SERVER, privateKey: "the key" } },
      stdin: "the input",
      applyStdin: undefined,
    },
    {
      name: "vps3",
      applied: false,
      cutOff: true,
      server: { name: "vps3", ...SERVER, privateKey: "the key" },
      stdin: "the input",
      applyStdin: undefined,
    },
  ]);
  expect(hostsInState({ deployment: {} })).toEqual([]);
});

test("creations that were cut off, and no other operation", () => {
  const operation = (type: string, name: string) => ({ type, resource: { urn: urn(name) } });
  const pending_operations = [operation("creating", "host-vps1-apply"), operation("updating", "gateway")];
  expect(pendingCreates({ deployment: { pending_operations } })).toEqual(["host-vps1-apply"]);
  expect(pendingCreates({ deployment: {} })).toEqual([]);
});

const MANAGED =
  "managed: prod/vps1 in /opt/openclaw\nenv as applied\noverride as applied\nopenclaw.json as applied\n";

test("a host that is cut off, and one that does not answer", () => {
  expect(isWell({ name: "vps1", serving: "cut off", drift: [], notes: ["revoked"] })).toBe(true);
  expect(isWell({ name: "vps1", serving: "unknown", drift: [], notes: [] })).toBe(false);
});

test.each<[string, string, object, boolean]>([
  ["as applied", `${MANAGED}container true false 0 healthy\n`, { serving: "gateway", notes: [] }, true],
  [
    "an edit and a restart",
    `${MANAGED.replace("env as applied", "env changed since: A")}container true false 3 healthy\n`,
    { serving: "gateway", drift: ["env changed since: A"], notes: ["container true false 3 healthy"] },
    false,
  ],
  [
    "a key that may stay",
    `${MANAGED}container true false 0 none\nkeys left as allowed: compose\n`,
    { serving: "gateway", notes: ["keys left as allowed: compose"] },
    true,
  ],
  ["nothing of ours", "not managed: prod/vps1 in /opt/openclaw\n", { serving: "own", notes: [] }, false],
  [
    "a bypass",
    "managed: prod/vps1 in /opt/openclaw\nbypassed: until it is ended\ncontainer true false 0 healthy\n",
    { serving: "bypass", notes: ["bypassed: until it is ended"] },
    false,
  ],
  [
    "a stopped service, of a host of ours",
    `${MANAGED}the service is stopped: nothing was compared\n`,
    { serving: "stopped", notes: ["the service is stopped: nothing was compared"] },
    false,
  ],
  [
    "a stopped service on its own files",
    "not managed: prod/vps1 in /opt/openclaw\nthe service is stopped\n",
    { serving: "stopped", notes: ["the service is stopped"] },
    false,
  ],
  [
    "a run that has not ended",
    `${MANAGED}an earlier run did not end; more\nthe service is stopped: more\n`,
    { serving: "unknown", notes: ["an earlier run did not end; more", "the service is stopped: more"] },
    false,
  ],
  [
    "something else",
    "bash: command not found\n",
    { serving: "unknown", notes: ["bash: command not found"] },
    false,
  ],
])("%s", (_, text, expected, well) => {
  const status = readStatus("vps1", text);
  expect(status).toEqual({ name: "vps1", drift: [], ...expected });
  expect(isWell(status)).toBe(well);
});

test.each([
  ["2030-01-01T00:00:00Z", undefined],
  ["2030-01-10T00:00:00Z", "expires in 5 days"],
  ["2030-01-15T11:00:00Z", "expires within a day"],
  ["2030-01-15T12:00:01Z", "has expired"],
])("at %s, the end of the run token is told: %s", (now, expected) => {
  const token = { urn: urn("run-token"), inputs: { expiresOn: "2030-01-15T12:00:00Z" } };
  const state = { deployment: { resources: [token] } };
  const warning = runTokenWarning(state, Date.parse(now));
  if (expected === undefined) expect(warning).toBeUndefined();
  else expect(warning).toContain(`The run token ${expected}`);
});

test("a run token without an end, or the operator's own, needs no warning", () => {
  expect(
    runTokenWarning({ deployment: { resources: [{ urn: urn("run-token"), inputs: {} }] } }),
  ).toBeUndefined();
  expect(runTokenWarning({ deployment: {} })).toBeUndefined();
});
