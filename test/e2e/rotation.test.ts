import { setTimeout as sleep } from "node:timers/promises";
import type { Finished } from "../../scripts/lib/run";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { operatorCommand } from "./operator-command";
import { ranBy, ScriptedFleet } from "./scripted-fleet";
import { toolchain } from "./toolchain";

/** `npm run rotate` as an operator runs it, while both hosts keep sending requests. The tests build on each other. */

const MINUTE = 60_000;
const HOSTS = ["vps1", "vps2"];

let tools: Toolchain;
let fleet: ScriptedFleet;
let firstTokens: Record<string, string>;
/** Statuses of the requests that the hosts have sent. */
const statuses: number[] = [];
let sending = true;

beforeAll(async () => {
  tools = await toolchain();
  fleet = await ScriptedFleet.create(tools, "rotation", HOSTS);
}, 40 * MINUTE);

afterAll(async () => {
  sending = false;
  await fleet?.close();
  await tools?.close();
}, 5 * MINUTE);

function rotate(...args: string[]): Promise<Finished> {
  const { stack } = fleet.environment;
  fleet.calls = [];
  return operatorCommand("rotate", stack, "--config-file", stack.configFile, ...args);
}

/** One turn after the other, each with the token that the host has when it begins. */
async function keepSending(host: string): Promise<void> {
  const url = `${fleet.environment.cloudflare.workerUrl("openclaw-rotation")}/anthropic/v1/messages`;
  while (sending) {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "x-api-key": fleet.tokens[host] ?? "",
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
      },
      body: JSON.stringify({
        model: "claude-sonnet-4-6",
        max_tokens: 64,
        messages: [{ role: "user", content: "Are you there?" }],
      }),
    });
    await response.text();
    statuses.push(response.status);
    await sleep(20);
  }
}

test(
  "a rotation that stops at a host goes on when it is started again, and no host gets a second new token",
  async () => {
    await ranBy(fleet.up());
    firstTokens = { ...fleet.tokens };
    const senders = HOSTS.map(keepSending);

    fleet.failing = ({ host, verb }) => host === "vps2" && verb === "apply";
    const stopped = await rotate();
    fleet.failing = () => false;
    expect(stopped).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("run the same command again"),
      stdout: expect.stringMatching(/^vps1 {2}new .*\nvps2 {2}previous {3}the change failed$/m),
    });
    expect(fleet.ran()).toEqual(["vps1 apply", "vps2 apply"]);
    expect(await fleet.workerAnswers("vps1", firstTokens.vps1)).toBe(200);

    const finished = await rotate();
    succeeded(finished);
    expect(finished.stdout).toMatch(/^vps1 {2}new .*\nvps2 {2}new {8}as configured now$/m);
    expect(fleet.ran()).toEqual(["vps2 apply"]);
    sending = false;
    await Promise.all(senders);

    for (const host of HOSTS) {
      expect(fleet.tokens[host]).not.toBe(firstTokens[host]);
      expect(await fleet.workerAnswers(host)).toBe(200);
      expect(await fleet.workerAnswers(host, firstTokens[host])).toBe(401);
    }
    expect(statuses.length).toBeGreaterThan(100);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(fleet.hosts()).toMatchObject([
      { tokenGenerations: { held: 2 } },
      { tokenGenerations: { held: 2 } },
    ]);
    expect((await fleet.stateNames()).filter((name) => name.startsWith("host-token")).sort()).toEqual([
      "host-token-vps1-2",
      "host-token-vps2-2",
    ]);
  },
  10 * MINUTE,
);

test(
  "wrong usage: a host that the stack does not have, an unknown flag",
  async () => {
    expect(await rotate("--host", "vps9")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("has no present host vps9; it has vps1, vps2"),
    });
    expect(await rotate("--hots")).toMatchObject({ exitCode: 2 });
    expect(fleet.ran()).toEqual([]);
  },
  MINUTE,
);
