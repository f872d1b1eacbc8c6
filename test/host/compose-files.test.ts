import { renameSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "./machine";

/** `hosts[].composeFiles`: a project that Compose does not find by itself. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  renameSync(join(machine.project, "docker-compose.yml"), join(machine.project, "stack.yml"));
});

afterEach(() => machine.remove());

const run = (verb: "apply" | "restore" | "status", files = "stack.yml") =>
  machine.run(verb, { stdin: machine.stdin({ "compose-files": files }) });

test("is refused without them, and nothing is changed", async () => {
  const before = machine.tree();
  const { code, output } = await machine.run("apply");
  expect(code).toBe(1);
  expect(output).toContain("error compose_unreadable");
  expect(machine.tree()).toEqual(before);
});

test("gets our file behind its own, and is restored as it was", async () => {
  machine.startWith("stack.yml");
  const before = machine.tree();
  expect(await run("apply")).toMatchObject({ code: 0, output: expect.stringContaining(", serving") });
  expect(machine.serving()).toBe("new");
  expect(machine.file(".env")).toContain("COMPOSE_FILE=stack.yml:docker-compose.ai-gateway.yml\n");
  expect((await run("status")).output).not.toContain("changed since");
  expect((await run("restore")).code).toBe(0);
  expect(machine.serving()).toBe("own");
  expect(machine.tree()).toEqual(before);
});

test("another list takes the place of the first", async () => {
  machine.startWith("stack.yml");
  await run("apply");
  machine.write("more.yml", "services: { other: { environment: { A: b } } }");
  expect((await run("apply", "stack.yml:more.yml")).code).toBe(0);
  expect(machine.file(".env")).toContain("COMPOSE_FILE=stack.yml:more.yml:docker-compose.ai-gateway.yml\n");
});

test("a list in .env in the manner of YAML is found", async () => {
  machine.write(".env", `${machine.file(".env")}COMPOSE_FILE: "stack.yml" # not Compose's own name\n`);
  machine.start();
  const before = machine.tree();
  expect(await machine.run("apply")).toMatchObject({ code: 0, output: expect.stringContaining(", serving") });
  expect(machine.file(".env")).toContain("COMPOSE_FILE=stack.yml:docker-compose.ai-gateway.yml\n");
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});
