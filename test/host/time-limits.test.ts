import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Machine, type Shell } from "./machine";

/** A Docker that hangs or is slow: a run ends by itself all the same, and undoes what it began. */

const COMMON = readFileSync(join(__dirname, "../../infra/host/program/10-common.sh"), "utf8");

describe.each<Shell>(["dash", "bash", "busybox"])("a command under %s", (shell) => {
  /** Standard output and error of a script, both read to their end. */
  function run(script: string): Promise<string> {
    const [program = "", ...first] = shell === "busybox" ? ["busybox", "sh"] : [shell];
    const child = spawn(program, [...first, "-c", `${COMMON}\n${script}`]);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    return new Promise((resolve) => child.on("close", () => resolve(output)));
  }

  test("that hangs ends, with all that it started", async () => {
    const hangs = 'limited 1 sh -c "echo begun; sleep 1000 & sleep 1000"';
    expect(await run(`allow 60; said="$(${hangs})"; echo "$said $?"`)).toBe("begun 137\n");
  });

  test("that does not has its input, its output and its exit code", async () => {
    expect(await run("allow 60; echo input | limited 60 cat; limited 60 sh -c 'exit 3'; echo $?")).toBe(
      "input\n3\n",
    );
  });

  test("does not begin after the deadline, and ends with it", async () => {
    expect(await run("allow 0; limited 60 echo begun; echo $?")).toBe("137\n");
    expect(await run("allow 1; limited 600 sleep 1000; echo $?")).toBe("137\n");
  });
});

describe("a Docker that hangs", () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = await Machine.create();
    machine.start();
    machine.hurry(50);
  });
  afterEach(() => machine.remove());

  test.each([[true], [false]])(
    "at a step in a container, with setsid: %s: nothing is changed",
    async (setsid) => {
      const before = machine.tree();
      if (!setsid) {
        machine.hide("setsid");
        machine.set("hang-alone", "");
      }
      machine.set("hang", "run .* look$");
      const { code, output } = await machine.run("apply");
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringMatching(/container_step_failed: step look .* ended with 137/),
      });
      expect(machine.tree()).toEqual(before);
      // Nobody else ends what it left.
      expect(machine.dockerCalls()).toMatch(/^rm -f openclaw-ai-gateway-\d+-\d+$/m);
    },
  );

  test.each([
    ["compose stop", "stop_failed"],
    ["compose up", "start_failed"],
    ["exec .* turn$", "container_step_failed"],
  ])("at %s: undone", async (call, reason) => {
    machine.set("hang", call);
    await isUndone(`${reason}: `);
  });

  test("where all together takes too long: undone, in a time of its own", async () => {
    machine.set("slow", "500\ncompose up");
    machine.set("hang", "exec .* ready$");
    await isUndone("error run_too_long: this run took longer than it may; last: container_");
  });

  test("and one that dies: the service does not stay stopped", async () => {
    const before = machine.tree();
    machine.set("daemon-dies", "compose up");
    const { code, output } = await machine.run("apply");
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("error undo_unfinished: ") });
    expect(machine.serving()).toBe("nothing");

    machine.unset("daemon-down");
    expect((await machine.run("apply")).output).toContain(", serving");
    expect(machine.serving()).toBe("new");
    await machine.run("restore");
    expect(machine.tree()).toEqual(before);
  });

  async function isUndone(reason: string): Promise<void> {
    const before = machine.tree();
    const { code, output } = await machine.run("apply");
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(reason) });
    expect(output).toContain("the previous configuration is back");
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  }
});
