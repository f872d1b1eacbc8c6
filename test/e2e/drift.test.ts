import type { Toolchain } from "../../scripts/setup";
import { KEYS } from "../host/fixtures";
import { Machine } from "../host/machine";
import { succeeded } from "./expectations";
import { operatorCommand } from "./operator-command";
import { ranBy, ScriptedFleet } from "./scripted-fleet";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * Two hosts that run the real host program beside a fake docker, the real engine, program and Worker: what somebody
 * changes on one host is seen, and put right there alone. The tests build on each other, in order.
 */

const MINUTE = 60_000;

let tools: Toolchain;
let fleet: ScriptedFleet;
const machines: Record<string, Machine> = {};

beforeAll(async () => {
  tools = await toolchain();
  for (const name of ["vps1", "vps2"]) {
    machines[name] = await Machine.create({ directory: "openclaw" });
    machines[name].start();
  }
  fleet = await ScriptedFleet.create(tools, "drift", ["vps1", "vps2"], machines);
  // Both hosts are on this machine, and may be slow.
  await fleet.configure(fleet.hosts().map((host) => ({ ...host, lookSeconds: 60 })));
}, 40 * MINUTE);

afterAll(async () => {
  await fleet?.close();
  for (const machine of Object.values(machines)) await machine.remove();
  await tools?.close();
}, 5 * MINUTE);

function machine(name: string): Machine {
  const found = machines[name];
  if (found === undefined) throw new Error(`there is no machine ${name}`);
  return found;
}

/** What a preview says of the hosts, a line each. */
async function previewed(): Promise<string[]> {
  const { stdout, stderr, exitCode } = await fleet.pulumi("preview");
  succeeded({ stdout, stderr, exitCode });
  for (const key of Object.values(KEYS)) expect(stdout + stderr).not.toContain(key);
  // Each is shown when it comes, and again at the end.
  return [...new Set(stdout.split("\n").flatMap((line) => /host vps\d: .*/.exec(line)?.[0] ?? []))];
}

async function expectNothingToDo(): Promise<void> {
  const { ran, ...finished } = await fleet.pulumi("preview", "--expect-no-changes");
  succeeded(finished);
  expect(ran).toEqual([]);
  expect(finished.stdout).not.toMatch(/host vps\d:/);
}

step(
  "before the first up a preview says what would change on each host, by name, and how long the pause is",
  async () => {
    const before = machine("vps1").tree();
    const lines = await previewed();
    expect(machine("vps1").tree()).toEqual(before);
    for (const name of ["vps1", "vps2"]) {
      expect(lines.filter((line) => line.startsWith(`host ${name}`))).toEqual([
        expect.stringMatching(
          /would change env: \+AI_GATEWAY_WORKER_URL .*sealed: ANTHROPIC_API_KEY .*openclaw\.json/,
        ),
        `host ${name}: models served by the stack under the same name: anthropic/claude-sonnet-4-6`,
        `host ${name}: pause: openclaw-gateway gets up to 330 s to finish its turns`,
      ]);
    }
    expect((await ranBy(fleet.up())).filter((call) => call.endsWith("apply"))).toEqual([
      "vps1 apply",
      "vps2 apply",
    ]);
    await expectNothingToDo();
  },
  10,
);

step(
  "a container that somebody started without our file: the next up applies that host, and no other",
  async () => {
    const ours = machine("vps1").file(".env");
    machine("vps1").write(".env", ours.replace(/^(AI_GATEWAY|COMPOSE_FILE).*\n/gm, ""));
    machine("vps1").start();
    machine("vps1").write(".env", ours);
    expect(machine("vps1").serving()).toBe("own");

    const status = await operatorCommand("status", fleet.environment.stack, "--json");
    expect(status.exitCode).toBe(1);
    expect(JSON.parse(status.stdout)).toMatchObject({
      hosts: [
        { name: "vps1", drift: [expect.stringMatching(/^environment changed since: .*started without/)] },
        { name: "vps2", drift: [], notes: [] },
      ],
    });
    expect(await previewed()).toEqual([
      expect.stringMatching(
        /^host vps1: changed by somebody else, and applied again: environment changed since/,
      ),
      // Compose replaces the container.
      "host vps1: pause: openclaw-gateway gets up to 330 s to finish its turns",
    ]);
    expect(await ranBy(fleet.up())).toEqual(["vps1 apply"]);
    expect(machine("vps1").serving()).toBe("new");
    await expectNothingToDo();
  },
  10,
);

step(
  "a COMPOSE_FILE that was added later, on the other host",
  async () => {
    machine("vps2").write(".env", `${machine("vps2").file(".env")}COMPOSE_FILE=docker-compose.yml\n`);
    expect(await ranBy(fleet.up())).toEqual(["vps2 apply"]);
    await expectNothingToDo();
  },
  10,
);

step(
  "an edit beside our part is the operator's own business",
  async () => {
    machine("vps1").write(".env", `${machine("vps1").file(".env")}MORE=1\n`);
    await expectNothingToDo();
  },
  5,
);

step(
  "neither connection nor seal of a host is in its drift's state",
  async () => {
    const { deployment } = JSON.parse(await fleet.environment.stack.exportState()) as {
      deployment: { resources: { urn: string; inputs?: object; outputs?: object }[] };
    };
    const drift = deployment.resources.filter(({ urn }) => /::host-vps\d-drift$/.test(urn));
    expect(drift.map(({ inputs, outputs }) => ({ inputs, outputs }))).toEqual([
      { inputs: { drift: expect.any(Array) }, outputs: { drift: expect.any(Array), epoch: 1 } },
      { inputs: { drift: expect.any(Array) }, outputs: { drift: expect.any(Array), epoch: 1 } },
    ]);
  },
  5,
);

step(
  "a host that is down is no obstacle for a preview",
  async () => {
    await fleet.servers.vps2?.close();
    expect(await previewed()).toEqual([expect.stringMatching(/^host vps2: cannot be looked at: /)]);
  },
  5,
);
