import { hostStdin } from "../../../../infra/host/payload";
import { type HostInState, type HostStatus, OTHER_INPUT } from "../../../../infra/stack-status";
import type { ConfiguredHost } from "../../../../scripts/lib/configured-hosts";
import type { Outcome } from "../../../../scripts/lib/engine-run";
import { hostLines } from "../../../../scripts/lib/host-lines";
import { afterRun, type HostsOfRun } from "../../../../scripts/lib/last-lines";

const server = (name: string) => ({
  name,
  address: `${name}.example.com`,
  port: 22,
  user: "deploy",
  hostKey: "ssh-ed25519 AAAA",
});

const known = (name: string, change: Partial<HostInState> = {}): HostInState => ({
  name,
  applied: true,
  cutOff: false,
  server: server(name),
  stdin: hostStdin("", {
    stack: "prod",
    host: name,
    directory: "/opt/openclaw",
    service: "openclaw-gateway",
    entry: "dist/index.js",
    names: "",
    patterns: "",
  }),
  applyStdin: undefined,
  ...change,
});

const configured = (name: string) =>
  ({
    ...server(name),
    directory: "/opt/openclaw",
    state: "present",
  }) as unknown as ConfiguredHost;

const at = (serving: HostStatus["serving"], ...notes: string[]): Omit<HostStatus, "name"> => ({
  serving,
  drift: [],
  notes,
});

/** The lines about the hosts, without those around them. */
async function lines(
  hosts: HostsOfRun,
  found: Record<string, Omit<HostStatus, "name">>,
  outcomes: Record<string, Outcome> = {},
): Promise<string[]> {
  const ask = async ({ name }: HostInState): Promise<HostStatus> => ({
    name,
    ...(found[name] ?? at("unknown")),
  });
  const all = hostLines("prod", await afterRun(hosts, new Map(Object.entries(outcomes)), ask));
  expect(all.filter((line) => line.length > 80 && !line.startsWith("  ssh "))).toEqual([]);
  return all.slice(1, -2);
}

/** Hosts that were there before, are there afterwards, and are to stay. */
const stay = (...names: string[]): HostsOfRun => ({
  before: names.map((name) => known(name)),
  after: names.map((name) => known(name)),
  present: names.map(configured),
});

const CLOSER = 'deploy@vps2.example.com "cd /opt/openclaw && docker compose logs -n 50"';

test("one host has the new configuration, and the other one was put back on the previous one", async () => {
  expect(
    await lines(
      stay("vps1", "vps2"),
      { vps1: at("gateway"), vps2: at("gateway") },
      { vps1: "done", vps2: "failed" },
    ),
  ).toEqual(["vps1  new        as configured now", "vps2  previous   the change failed", `  ssh ${CLOSER}`]);
});

test("a host that the run did not get to", async () => {
  expect(await lines(stay("vps2"), { vps2: at("gateway") })).toEqual([
    "vps2  previous   this run did not change it",
  ]);
  const hosts = { before: [], after: [], present: [configured("vps2")] };
  expect(await lines(hosts, {})).toEqual([
    "vps2  own files  this run did not change it; this stack has not set it up yet",
  ]);
});

test("a first set-up that failed leaves the host on its own files", async () => {
  const hosts = { before: [], after: [known("vps2")], present: [configured("vps2")] };
  expect(await lines(hosts, { vps2: at("own") }, { vps2: "failed" })).toEqual([
    "vps2  own files  the change failed",
    `  ssh ${CLOSER}`,
  ]);
});

test("a host whose guard was refused is in no state, and is said all the same", async () => {
  const hosts = { before: [], after: [], present: [configured("vps2")] };
  expect(await lines(hosts, {}, { vps2: "failed" })).toEqual([
    "vps2  own files  the change failed; this stack has not set it up yet",
    `  ssh ${CLOSER}`,
  ]);
});

test("a host where OpenClaw is left stopped", async () => {
  const [line] = await lines(
    stay("vps2"),
    { vps2: at("stopped", "the service is stopped") },
    { vps2: "failed" },
  );
  expect(line).toBe("vps2  stopped    the change failed; the service is stopped");
});

test("a host that cannot be reached, with the way to it", async () => {
  const jumpHost = { ...server("jump"), address: "2001:db8::1", port: 2222 };
  const far = { ...known("vps2"), server: { ...server("vps2"), port: 2200, jumpHost } };
  const why = "the jump host: connect ETIMEDOUT 2001:db8::1:2222, which is a long reason indeed";
  expect(
    await lines({ ...stay("vps2"), after: [far] }, { vps2: at("unknown", why) }, { vps2: "failed" }),
  ).toEqual([
    "vps2  unknown    the jump host: connect ETIMEDOUT 2001:db8::1:2222, which is a",
    "                 long reason indeed",
    `  ssh -J deploy@[2001:db8::1]:2222 -p 2200 ${CLOSER}`,
  ]);
});

test("an apply that went on when its connection was cut is not called the previous configuration", async () => {
  const [line] = await lines(stay("vps2"), { vps2: at("gateway", OTHER_INPUT) }, { vps2: "failed" });
  expect(line).toBe(`vps2  gateway    the change failed; ${OTHER_INPUT}`);
});

test("what somebody changed since, and a bypass, are worth a closer look", async () => {
  const drifted = { ...at("gateway"), drift: ["env changed since: A"] };
  expect(
    await lines(
      stay("vps2", "vps3"),
      { vps2: drifted, vps3: at("bypass", "bypassed: until it is ended") },
      { vps2: "done", vps3: "done" },
    ),
  ).toEqual([
    "vps2  new        as configured now; env changed since: A",
    `  ssh ${CLOSER}`,
    "vps3  bypass     bypassed: until it is ended",
    `  ssh ${CLOSER.replace("vps2", "vps3")}`,
  ]);
});

test("a host that was taken out is put back, one that was not is said to be where it was", async () => {
  const hosts = { before: [known("vps1"), known("vps2")], after: [known("vps2")], present: [] };
  expect(
    await lines(hosts, { vps1: at("own"), vps2: at("gateway") }, { vps1: "done", vps2: "failed" }),
  ).toEqual(["vps1  own files  put back", "vps2  previous   putting it back failed", `  ssh ${CLOSER}`]);
});

test("a host that is cut off needs no closer look", async () => {
  const revoked = known("vps2", { applied: false, cutOff: true });
  const hosts = { before: [revoked], after: [revoked], present: [] };
  expect(await lines(hosts, { vps2: at("cut off", "revoked or forgotten") })).toEqual([
    "vps2  cut off    revoked or forgotten",
  ]);
});

test("a stack without hosts has no such lines", async () => {
  expect(hostLines("prod", await afterRun(stay(), new Map(), jest.fn()))).toEqual([]);
});
