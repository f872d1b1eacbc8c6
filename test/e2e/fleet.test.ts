import { createLocalEnvironment, type LocalEnvironment } from "../../scripts/local/environment";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { ed25519Pair, type HostCall, type ScriptedHost, startScriptedHost } from "./scripted-host";
import { toolchain } from "./toolchain";

/**
 * Several hosts in the life of one stack: the real engine, program and Worker, with SSH servers that only note what they
 * are asked to run. The tests build on each other, in order.
 */

const MINUTE = 60_000;
const HOSTS = "openclaw-ai-gateway:hosts";

let tools: Toolchain;
let environment: LocalEnvironment;
const servers: Record<string, ScriptedHost> = {};
/** Runs of the host program since the last `pulumi` call began. */
let calls: HostCall[] = [];
/** What the Worker answered to the token of each apply, at the time of that apply, and of the restore that followed. */
const tokens: Record<string, string> = {};
let failing: (call: HostCall) => boolean = () => false;

beforeAll(async () => {
  tools = await toolchain();
  environment = await createLocalEnvironment({ toolchain: tools, stack: "fleet", hosts: [] });
  for (const name of ["vps1", "vps2", "vps3"]) servers[name] = await startScriptedHost(name, run);
  environment.stack.configure({ [HOSTS]: Object.values(servers).map(entry) });
  await giveKeys();
}, 40 * MINUTE);

afterAll(async () => {
  await environment?.close();
  for (const server of Object.values(servers)) await server.close();
  await tools?.close();
}, 5 * MINUTE);

async function run(call: HostCall): Promise<number> {
  calls.push(call);
  if (failing(call)) return 1;
  if (call.verb === "apply") tokens[call.host] = call.fields.token ?? "";
  const served = call.verb === "preflight" || (await workerAnswers(call.host)) === 200;
  return served ? 0 : 1;
}

async function workerAnswers(host: string): Promise<number> {
  const url = environment.cloudflare.workerUrl("openclaw-fleet");
  const response = await fetch(`${url}/readyz`, { headers: { authorization: `Bearer ${tokens[host]}` } });
  return response.status;
}

function entry({ name, port, hostKey }: ScriptedHost): Record<string, unknown> {
  return { name, address: "127.0.0.1", port, hostKey, directory: "/opt/openclaw" };
}

async function giveKeys(): Promise<void> {
  const { private: key } = ed25519Pair();
  for (const index of hosts().keys()) await environment.stack.setSecret(`${HOSTS}[${index}].privateKey`, key);
}

function hosts(): Record<string, unknown>[] {
  return environment.stack.config(HOSTS) as Record<string, unknown>[];
}

function configure(name: string, values: Record<string, unknown>): void {
  environment.stack.configure({
    [HOSTS]: hosts().map((host) => (host.name === name ? { ...host, ...values } : host)),
  });
}

function removeLine(name: string): void {
  environment.stack.configure({ [HOSTS]: hosts().filter((host) => host.name !== name) });
}

/** Runs `pulumi` and returns what was run on the hosts meanwhile, `<host> <verb>`, in order. */
async function pulumi(...args: string[]) {
  calls = [];
  const finished = await environment.stack.pulumi(args);
  return { ...finished, ran: calls.map(({ host, verb }) => `${host} ${verb}`) };
}

const up = (...flags: string[]) => pulumi("up", "--yes", "--skip-preview", ...flags);

/** The same for a run that has to succeed. */
async function ran(finished: ReturnType<typeof pulumi>): Promise<string[]> {
  const { ran: list, ...rest } = await finished;
  succeeded(rest);
  return list;
}

async function stateNames(): Promise<string[]> {
  const { deployment } = JSON.parse(await environment.stack.exportState()) as {
    deployment: { resources: { urn: string }[] };
  };
  return deployment.resources.map(({ urn }) => urn.split("::").at(-1) ?? "");
}

test(
  "the first host is the canary: the others are changed after it",
  async () => {
    const list = await ran(up());
    expect([...list].sort()).toEqual(
      ["vps1", "vps2", "vps3"].flatMap((name) => [`${name} apply`, `${name} preflight`]),
    );
    const applies = list.filter((call) => call.endsWith("apply"));
    expect(applies[0]).toBe("vps1 apply");
    expect(new Set(Object.values(tokens)).size).toBe(3);
  },
  5 * MINUTE,
);

test(
  "when the canary fails, the others stay as they are",
  async () => {
    environment.stack.configure({ [HOSTS]: hosts().map((host) => ({ ...host, drainSeconds: 331 })) });
    failing = ({ host, verb }) => host === "vps1" && verb === "apply";
    const { exitCode, ran: list } = await up("--continue-on-error");
    failing = () => false;
    expect(exitCode).not.toBe(0);
    expect(list.filter((call) => call.endsWith("apply"))).toEqual(["vps1 apply"]);
    expect((await ran(up())).filter((call) => call.endsWith("apply")).sort()).toEqual([
      "vps1 apply",
      "vps2 apply",
      "vps3 apply",
    ]);
  },
  5 * MINUTE,
);

test(
  "absent: the host is restored while its token still works, and its line is removed later",
  async () => {
    configure("vps2", { state: "absent" });
    expect(await ran(up())).toEqual(["vps2 restore"]);
    expect(await workerAnswers("vps2")).toBe(200);
    expect(await stateNames()).not.toContain("host-vps2-guard");

    removeLine("vps2");
    expect(await ran(up())).toEqual([]);
    expect(await workerAnswers("vps2")).toBe(401);
  },
  5 * MINUTE,
);

test(
  "revoked: the token is refused, and nobody connects to the host",
  async () => {
    const before = servers.vps3?.connections();
    configure("vps3", { state: "revoked", drainSeconds: 332 });
    expect(await ran(up())).toEqual([]);
    expect(await workerAnswers("vps3")).toBe(401);
    expect(await ran(pulumi("preview", "--expect-no-changes"))).toEqual([]);
    expect(servers.vps3?.connections()).toBe(before);
  },
  5 * MINUTE,
);

test(
  "a revoked host can come back, with another token",
  async () => {
    const revoked = tokens.vps3;
    configure("vps3", { state: "present" });
    expect(await ran(up())).toEqual(["vps3 preflight", "vps3 apply"]);
    expect(tokens.vps3).not.toBe(revoked);
  },
  5 * MINUTE,
);

test(
  "forgotten: the host leaves the stack although nothing is there any more",
  async () => {
    configure("vps3", { state: "revoked" });
    expect(await ran(up())).toEqual([]);
    await servers.vps3?.close();

    configure("vps3", { state: "forgotten" });
    expect(await ran(up())).toEqual([]);
    removeLine("vps3");
    expect(await ran(up())).toEqual([]);
    expect((await stateNames()).filter((name) => name.includes("vps3"))).toEqual([]);
  },
  5 * MINUTE,
);

test(
  "a host that the stack has not set up cannot be revoked, and nobody connects to it to find out",
  async () => {
    const before = servers.vps2?.connections();
    const [first = {}] = hosts();
    environment.stack.configure({
      [HOSTS]: [first, { ...first, ...entry(servers.vps2 as ScriptedHost), state: "revoked" }],
    });
    for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { exitCode, ran: list, stdout, stderr } = await pulumi(...args);
      expect(exitCode).not.toBe(0);
      expect(stdout + stderr).toContain("host vps2 is revoked, but this stack has not set it up");
      expect(list).toEqual([]);
    }
    expect(servers.vps2?.connections()).toBe(before);
  },
  5 * MINUTE,
);

test(
  "a canary that cannot be restored does not keep the others from it",
  async () => {
    configure("vps2", { state: "present" });
    succeeded(await up());
    failing = ({ host, verb }) => host === "vps1" && verb === "restore";
    const { exitCode, ran: list } = await pulumi("destroy", "--yes", "--skip-preview", "--continue-on-error");
    failing = () => false;
    expect(exitCode).not.toBe(0);
    expect([...list].sort()).toEqual(["vps1 restore", "vps2 restore"]);
    expect(await ran(pulumi("destroy", "--yes", "--skip-preview"))).toEqual(["vps1 restore"]);
  },
  5 * MINUTE,
);
