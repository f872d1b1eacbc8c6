import type { Toolchain } from "../../scripts/setup";
import { ranBy, ScriptedFleet } from "./scripted-fleet";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * From the Worker to `access: direct` and back, each in one `up`: real engine and program, with hosts that only note what
 * they are asked to run. What a host calls stays until the host calls something else. The tests build on each other.
 */

const MINUTE = 60_000;
const HOSTS = ["vps1", "vps2", "vps3"];
const ACCESS = "openclaw-ai-gateway:access";

let tools: Toolchain;
let fleet: ScriptedFleet;

beforeAll(async () => {
  tools = await toolchain();
  fleet = await ScriptedFleet.create(tools, "access", HOSTS);
}, 40 * MINUTE);

afterAll(async () => {
  await fleet?.close();
  await tools?.close();
}, 5 * MINUTE);

const objects = () => fleet.environment.cloudflare.objects();
const tokenNames = () => objects().tokens.map(({ name }) => name);
const served = () => Promise.all(HOSTS.map((host) => fleet.isServed(host)));
const applies = (list: readonly string[]) => list.filter((call) => call.endsWith("apply")).sort();
const isDirect = (host: string) => !fleet.tokens[host]?.startsWith("ocg_");

step(
  "to direct, with a host that cannot be changed: it keeps the Worker, also when the run goes on without it",
  async () => {
    await ranBy(fleet.up());
    expect(await served()).toEqual([true, true, true]);
    fleet.environment.stack.configure({ [ACCESS]: "direct" });
    fleet.failing = ({ host, verb }) => host === "vps2" && verb === "apply";

    const { exitCode, ran } = await fleet.up("--continue-on-error");

    fleet.failing = () => false;
    expect(exitCode).not.toBe(0);
    expect(applies(ran)).toEqual(["vps1 apply", "vps2 apply", "vps3 apply"]);
    expect(HOSTS.map(isDirect)).toEqual([true, false, true]);
    expect(await served()).toEqual([true, true, true]);
  },
  5,
);

step(
  "the next run moves that host alone, and then the Worker and its token go",
  async () => {
    expect(applies(await ranBy(fleet.up()))).toEqual(["vps2 apply"]);
    expect(HOSTS.map(isDirect)).toEqual([true, true, true]);
    expect(await served()).toEqual([true, true, true]);
    expect(objects().scripts).toEqual([]);
    expect(tokenNames()).toEqual(["openclaw-access direct"]);
    await ranBy(fleet.pulumi("preview", "--expect-no-changes"));
  },
  5,
);

step(
  "another label of the run token: every host gets the new one before the old one goes",
  async () => {
    const before = fleet.tokens.vps1;
    fleet.environment.stack.configure({
      "openclaw-ai-gateway:runToken": { rotation: "second", drainSeconds: 0 },
    });
    expect(applies(await ranBy(fleet.up()))).toEqual(["vps1 apply", "vps2 apply", "vps3 apply"]);
    expect(fleet.tokens.vps1).not.toBe(before);
    expect(await served()).toEqual([true, true, true]);
    expect(tokenNames()).toEqual(["openclaw-access direct second"]);
  },
  5,
);

step(
  "back to the Worker, with a canary that cannot be changed: everything serves as before",
  async () => {
    fleet.environment.stack.configure({ [ACCESS]: "worker" });
    fleet.failing = ({ host, verb }) => host === "vps1" && verb === "apply";
    const { exitCode } = await fleet.up();
    fleet.failing = () => false;
    expect(exitCode).not.toBe(0);
    expect(HOSTS.map(isDirect)).toEqual([true, true, true]);
    expect(await served()).toEqual([true, true, true]);
  },
  5,
);

step(
  "the next run moves all of them; no token that a host had is one of the Worker",
  async () => {
    const before = fleet.tokens.vps1 ?? "";
    await ranBy(fleet.up());
    expect(HOSTS.map(isDirect)).toEqual([false, false, false]);
    expect(await served()).toEqual([true, true, true]);
    expect(tokenNames()).toEqual(["openclaw-access second"]);
    expect(await fleet.workerAnswers("vps1", before)).toBe(401);
    await ranBy(fleet.pulumi("preview", "--expect-no-changes"));
  },
  5,
);
