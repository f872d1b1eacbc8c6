import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProgram } from "./commands";
import { done, failed, operatorsPart } from "./expectations";
import { KEYS } from "./fixtures";
import { Machine, type Shell } from "./machine";

/** What a restore asks of OpenClaw before `pulumi destroy` goes on, and one that is killed in its very last step. */

let machine: Machine;
let before: Record<string, string>;

beforeEach(async () => {
  machine = await Machine.create();
  machine.write("state/openclaw.json.bak", '{"gateway":{"mode":"local"}}');
  machine.start();
  before = machine.tree();
  expect((await machine.run("apply")).code).toBe(0);
});
afterEach(() => machine.remove());

describe("the restored OpenClaw gives no answer", () => {
  test("it could not be started: every destroy starts it, and none goes on before it runs", async () => {
    machine.behave({ start: "refuse", onlyNew: false });
    for (const _ of [1, 2]) {
      expect(await machine.run("restore")).toEqual(failed("error start_failed"));
      expect(operatorsPart(machine.tree())).toEqual(before);
      expect(machine.serving()).toBe("nothing");
    }
    machine.behave({});
    expect(await machine.run("restore")).toEqual(done("restored: dev/vps1"));
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(before);
  });

  test("an up moves it back to the gateway, and starts what could not be started", async () => {
    machine.behave({ start: "refuse", onlyNew: false });
    await machine.run("restore");
    expect((await machine.run("status")).output).toContain("not managed");
    machine.behave({});
    expect(await machine.run("apply")).toEqual(done("applied: dev/vps1"));
    expect(machine.serving()).toBe("new");
    expect(await machine.run("restore")).toEqual(done("restored"));
    expect(machine.tree()).toEqual(before);
  });

  test("not even after its own key was put right, until it says so itself", async () => {
    machine.behave({ revokedKey: KEYS.ANTHROPIC_API_KEY });
    expect(await machine.run("restore")).toEqual(failed("error own_key_refused"));
    const env = machine.file(".env").replace(KEYS.ANTHROPIC_API_KEY, `sk-ant-api03-${"n4".repeat(20)}`);
    writeFileSync(machine.envFile, env);
    const again = await machine.run("restore");
    expect(again).toEqual(done("restored: dev/vps1"));
    expect(again.output).not.toContain("warning");
    expect(machine.file(".env")).toBe(env);
  });

  test("a bypassed one is asked in the same way", async () => {
    await machine.run("bypass");
    machine.behave({ turn: "down", onlyNew: false });
    expect(await machine.run("restore")).toEqual(failed("error own_model_unanswered"));
    const starts = machine.starts();
    expect(await machine.run("restore")).toEqual(done("warning: openclaw-gateway runs"));
    expect(machine.starts()).toEqual(starts);
    expect(machine.tree()).toEqual(before);
  });
});

test.each([1, 3, 5, 7, 9])(
  "the state removed by hand, and the restore killed at step %i: the next one completes it",
  async (step) => {
    rmSync(machine.state, { recursive: true });
    machine.steps.killAt(step);
    await machine.run("restore");
    machine.steps.letRun();
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.file(".env") + machine.file("state/openclaw.json")).not.toContain("AI_GATEWAY_");
    expect(Object.keys(machine.tree()).filter((path) => path.includes("ai-gateway"))).toEqual([]);
    expect(machine.serving()).toBe("own");
  },
);

// The shell of busybox removes by itself.
describe.each<Shell>(["dash", "bash"])("under %s", (shell) => {
  test("killed while it removes what was sealed: the next has nothing left to do but to remove the rest", async () => {
    const programs = join(machine.root, "half");
    killWithinRemoval(programs);
    expect((await machine.run("restore", { shell, programs })).code).toBeNull();
    expect(operatorsPart(machine.tree())).toEqual(before);
    expect(await machine.run("restore", { shell })).toEqual({ code: 0, output: expect.any(String) });
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  });
});

/** A `rm` that dies, with all that run, when it has removed some of what was sealed. */
function killWithinRemoval(programs: string): void {
  const group = join(machine.root, "machine", "group");
  const script = `#!/bin/sh
case "$*" in
  "-rf "*/.openclaw-ai-gateway*)
    if [ -d "$2" ]; then /bin/rm -f "$2"/v*/env.kept.sha256; kill -KILL -"$(cat '${group}')"; fi ;;
esac
exec /bin/rm "$@"
`;
  makeProgram(programs, "rm", script);
}
