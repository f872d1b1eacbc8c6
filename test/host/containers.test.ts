import { rmSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "./machine";

/** Which container is the service's, and how it makes room for the next one. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

const apply = (change = {}) => machine.run("apply", { stdin: machine.stdin({ generation: "1", ...change }) });
const plan = (change = {}) =>
  machine.run("plan", { stdin: machine.stdin({ seal: "", token: "", generation: "1", ...change }) });

describe("a container that was started without our file", () => {
  const legacy = { variables: "OPENAI_BASE_URL url" };
  const hour = (ahead: number) => new Date(Date.now() + ahead * 3_600_000).toTimeString().slice(0, 5);

  beforeEach(async () => {
    machine.start();
    expect((await apply(legacy)).code).toBe(0);
    // As OpenClaw's own setup script does.
    machine.startWith("docker-compose.yml");
  });

  test("gets its time to finish before Compose replaces it", async () => {
    const earlier = machine.stops().length;
    expect((await apply({ ...legacy, epoch: "1" })).output).toContain("in place: dev/vps1");
    expect(machine.stops().slice(earlier)).toEqual(["openclaw-gateway 5"]);
  });

  test("is not replaced outside the window", async () => {
    const earlier = machine.stops().length;
    const later = { ...legacy, epoch: "1", window: `${hour(1)}-${hour(2)}` };
    expect((await apply(later)).output).toContain("error outside_window");
    expect(machine.stops()).toHaveLength(earlier);
    expect((await apply({ ...later, window: `${hour(-1)}-${hour(1)}` })).output).toContain("in place");
  });

  test("the preview says that the service pauses", async () => {
    const { output } = await plan(legacy);
    expect(output).toContain("environment changed since: ");
    expect(output).toContain("would restart: openclaw-gateway gets up to 5 s to finish its turns");
  });
});

test("every stop of a whole life gives the time to finish", async () => {
  machine.start();
  for (const verb of ["apply", "bypass", "bypass_end", "restore"] as const) {
    expect((await machine.run(verb)).code).toBe(0);
  }
  expect(new Set(machine.stops())).toEqual(new Set(["openclaw-gateway 5"]));
});

describe("a container of another project name", () => {
  const refusal =
    /^error project_differs: .* as project claw.*\n {2}expected: .*\n {2}fix: echo COMPOSE_PROJECT_NAME=claw >>/m;

  test("is refused before any change, and taken once .env says its name", async () => {
    machine.start("-p claw");
    const before = machine.tree();
    for (const verb of ["preflight", "apply"] as const) {
      const { code, output } = await machine.run(verb);
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(refusal) });
    }
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");

    machine.write(".env", `${machine.file(".env")}COMPOSE_PROJECT_NAME=claw\n`);
    const named = machine.tree();
    expect((await apply()).output).toContain(", serving");
    expect(machine.serving()).toBe("new");
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.serving()).toBe("own");
    expect(machine.tree()).toEqual(named);
  });

  test("one that came later keeps a restore from changing the files under it", async () => {
    machine.start();
    await apply();
    machine.removeContainers();
    machine.start("-p claw");
    const before = machine.tree();
    for (const verb of ["restore", "bypass"] as const) {
      const { code, output } = await machine.run(verb);
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(refusal) });
    }
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("new");
  });

  test("one that is stopped is no obstacle", async () => {
    machine.start("-p claw");
    machine.stop("-p claw");
    expect((await apply()).output).toContain("service left stopped");
  });
});

describe("a container that was started with further compose files", () => {
  beforeEach(() => machine.write("more.yml", "services: { other: { environment: { A: b } } }"));

  test("is refused before any change, and taken once they are configured", async () => {
    machine.startWith("docker-compose.yml:more.yml");
    const before = machine.tree();
    const { code, output } = await apply();
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(
        /^error compose_files_differ: .* more\.yml.*\n.*\n {2}fix: .*COMPOSE_FILE=docker-compose\.yml:more\.yml/m,
      ),
    });
    expect(machine.tree()).toEqual(before);
    expect((await apply({ "compose-files": "docker-compose.yml:more.yml" })).output).toContain(", serving");
  });

  test("one that is not there any more is no obstacle, nor is one that came later", async () => {
    machine.startWith("docker-compose.yml:more.yml");
    rmSync(join(machine.project, "more.yml"));
    machine.write("docker-compose.override.yml", "services: { other: { environment: { A: b } } }");
    expect((await apply()).output).toContain(", serving");
  });
});
