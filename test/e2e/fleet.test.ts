import { ed25519Pair } from "../../scripts/local/vps/scripted-host";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { operatorCommand } from "./operator-command";
import { ranBy, ScriptedFleet } from "./scripted-fleet";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * Several hosts in the life of one stack: the real engine, program and Worker, with SSH servers that only note what they
 * are asked to run. The tests build on each other, in order.
 */

const MINUTE = 60_000;

let tools: Toolchain;
let fleet: ScriptedFleet;

beforeAll(async () => {
  tools = await toolchain();
  fleet = await ScriptedFleet.create(tools, "fleet", ["vps1", "vps2", "vps3", "jump"]);
  const { address, port, hostKey } = fleet.entry("jump");
  const privateKey = ed25519Pair().private;
  await fleet.remove("jump");
  await fleet.change("vps3", { jumpHost: { address, port, hostKey, privateKey } });
}, 40 * MINUTE);

afterAll(async () => {
  await fleet?.close();
  await tools?.close();
}, 5 * MINUTE);

/** What a command says of the hosts, below what the engine says. */
function lastLinesOf(stdout: string): string[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.slice(lines.indexOf("host  serving"));
}

step(
  "the first host is the canary: the others are changed after it",
  async () => {
    const list = await ranBy(fleet.up());
    expect([...list].sort()).toEqual(
      ["vps1", "vps2", "vps3"].flatMap((name) => [`${name} apply`, `${name} preflight`]),
    );
    const applies = list.filter((call) => call.endsWith("apply"));
    expect(applies[0]).toBe("vps1 apply");
    expect(new Set(Object.values(fleet.tokens)).size).toBe(3);
    // On the way to vps3: for the look, and for each command.
    expect(fleet.servers.jump?.connections()).toBe(3);
  },
  5,
);

step(
  "when the canary fails, the others stay as they are",
  async () => {
    await fleet.configure(fleet.hosts().map((host) => ({ ...host, drainSeconds: 331 })));
    fleet.failing = ({ host, verb }) => host === "vps1" && verb === "apply";
    const { exitCode, ran: list } = await fleet.up("--continue-on-error");
    fleet.failing = () => false;
    expect(exitCode).not.toBe(0);
    expect(list.filter((call) => call.endsWith("apply"))).toEqual(["vps1 apply"]);
    expect((await ranBy(fleet.up())).filter((call) => call.endsWith("apply")).sort()).toEqual([
      "vps1 apply",
      "vps2 apply",
      "vps3 apply",
    ]);
  },
  5,
);

step(
  "two at once: the state's lock lets one of them work, and the other says so",
  async () => {
    await fleet.configure(fleet.hosts().map((host) => ({ ...host, drainSeconds: 340 })));
    fleet.calls = [];
    const { stack } = fleet.environment;
    const up = () => stack.pulumi(["up", "--yes", "--skip-preview"]);
    const runs = await Promise.all([up(), up()]);
    const refused = runs.filter(({ exitCode }) => exitCode !== 0);
    expect(refused).toHaveLength(1);
    expect(refused.map(({ stdout, stderr }) => stdout + stderr)[0]).toContain("currently locked");
    // Each host once, however the two met.
    const applies = fleet.ran().filter((call) => call.endsWith("apply"));
    expect([...applies].sort()).toEqual(["vps1 apply", "vps2 apply", "vps3 apply"]);
    succeeded(await stack.preview("--expect-no-changes"));
  },
  5,
);

step(
  "npm run up goes on past one bad host, and its last lines say what each host serves",
  async () => {
    const { stack } = fleet.environment;
    await fleet.configure(fleet.hosts().map((host) => ({ ...host, drainSeconds: 341 })));
    const up = (...args: string[]) =>
      operatorCommand("up", stack, "--config-file", stack.configFile, ...args);

    // Without a terminal nobody can be asked: the engine's own refusal, and its own exit code.
    expect(await up()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--yes") });

    fleet.failing = ({ host, verb }) => host === "vps2" && verb === "apply";
    const { exitCode, stdout } = await up("--yes", "--", "--skip-preview");
    fleet.failing = () => false;
    expect(exitCode).toBe(1);
    expect(lastLinesOf(stdout)).toEqual([
      "host  serving",
      "vps1  new        as configured now",
      "vps2  previous   the change failed",
      expect.stringMatching(
        /^ {2}ssh -p \d+ root@127\.0\.0\.1 "cd \/opt\/openclaw && docker compose logs -n 50"$/,
      ),
      "vps3  new        as configured now",
      "To look closer: npm run status -- --stack fleet",
      "                npm run doctor -- --stack fleet",
    ]);

    // Again: those that have it are not changed and have it all the same.
    fleet.calls = [];
    const again = await up("--yes", "--", "--skip-preview");
    expect(again.exitCode).toBe(0);
    expect(fleet.ran()).toEqual(["vps2 apply"]);
    expect(lastLinesOf(again.stdout).slice(0, 4)).toEqual([
      "host  serving",
      "vps1  new        as configured now",
      "vps2  new        as configured now",
      "vps3  new        as configured now",
    ]);
  },
  5,
);

step(
  "absent: the host is restored while its token still works, and its line is removed later",
  async () => {
    await fleet.change("vps2", { state: "absent" });
    expect(await ranBy(fleet.up())).toEqual(["vps2 restore"]);
    expect(await fleet.workerAnswers("vps2")).toBe(200);
    expect(await fleet.stateNames()).not.toContain("host-vps2-guard");

    await fleet.remove("vps2");
    expect(await ranBy(fleet.up())).toEqual([]);
    expect(await fleet.workerAnswers("vps2")).toBe(401);
  },
  5,
);

step(
  "revoked: the token is refused, and nobody connects to the host",
  async () => {
    const before = fleet.servers.vps3?.connections();
    await fleet.change("vps3", { state: "revoked", drainSeconds: 332 });
    expect(await ranBy(fleet.up())).toEqual([]);
    expect(await fleet.workerAnswers("vps3")).toBe(401);
    expect(await ranBy(fleet.pulumi("preview", "--expect-no-changes"))).toEqual([]);
    const { stdout } = await operatorCommand("status", fleet.environment.stack, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ hosts: [{ serving: "gateway" }, { serving: "cut off" }] });
    expect(fleet.servers.vps3?.connections()).toBe(before);
  },
  5,
);

step(
  "a revoked host can come back, with another token",
  async () => {
    const revoked = fleet.tokens.vps3;
    await fleet.change("vps3", { state: "present" });
    expect(await ranBy(fleet.up())).toEqual(["vps3 preflight", "vps3 apply"]);
    expect(fleet.tokens.vps3).not.toBe(revoked);
  },
  5,
);

step(
  "forgotten: the host leaves the stack although nothing is there any more",
  async () => {
    await fleet.change("vps3", { state: "revoked" });
    expect(await ranBy(fleet.up())).toEqual([]);
    await fleet.servers.vps3?.close();

    await fleet.change("vps3", { state: "forgotten" });
    expect(await ranBy(fleet.up())).toEqual([]);
    await fleet.remove("vps3");
    expect(await ranBy(fleet.up())).toEqual([]);
    expect((await fleet.stateNames()).filter((name) => name.includes("vps3"))).toEqual([]);
  },
  5,
);

step(
  "a host that the stack has not set up cannot be revoked, and nobody connects to it to find out",
  async () => {
    const before = fleet.servers.vps2?.connections();
    await fleet.configure([...fleet.hosts(), { ...fleet.entry("vps2"), state: "revoked" }]);
    for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { exitCode, ran: list, stdout, stderr } = await fleet.pulumi(...args);
      expect(exitCode).not.toBe(0);
      expect(stdout + stderr).toContain("host vps2 is revoked, but this stack has not set it up");
      expect(list).toEqual([]);
    }
    expect(fleet.servers.vps2?.connections()).toBe(before);
  },
  5,
);

step(
  "a canary that cannot be restored does not keep the others from it",
  async () => {
    await fleet.change("vps2", { state: "present" });
    succeeded(await fleet.up());
    fleet.failing = ({ host, verb }) => host === "vps1" && verb === "restore";
    fleet.calls = [];
    const { stack } = fleet.environment;
    const flags = ["--config-file", stack.configFile, "--yes", "--", "--skip-preview"];
    const { exitCode, stdout } = await operatorCommand("destroy", stack, ...flags);
    fleet.failing = () => false;
    expect(exitCode).toBe(1);
    expect(fleet.ran().sort()).toEqual(["vps1 restore", "vps2 restore"]);
    expect(lastLinesOf(stdout).slice(0, 4)).toEqual([
      "host  serving",
      "vps1  previous   putting it back failed",
      expect.stringMatching(/^ {2}ssh -p \d+ root@127\.0\.0\.1 /),
      "vps2  own files  put back",
    ]);
    expect(await ranBy(fleet.pulumi("destroy", "--yes", "--skip-preview"))).toEqual(["vps1 restore"]);
  },
  5,
);
