import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isNewEnough, wantedCompose } from "../../../scripts/setup/compose";

const before = process.env.COMPOSE_MAJOR;

afterEach(() => {
  if (before === undefined) delete process.env.COMPOSE_MAJOR;
  else process.env.COMPOSE_MAJOR = before;
});

test.each([
  ["2.24.0", true],
  ["v2.40.3-desktop.1", true],
  ["5.0.0", true],
  ["2.23.9", false],
  ["1.29.2", false],
  ["none", false],
])("Compose %s is new enough: %s", (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test("COMPOSE_MAJOR asks for one of the two that can be built", () => {
  process.env.COMPOSE_MAJOR = "5";
  expect(wantedCompose()).toBe("5");
  process.env.COMPOSE_MAJOR = "3";
  expect(wantedCompose).toThrow('COMPOSE_MAJOR is "3"; it may be 2 or 5.');
});

test.each([
  ["compose-plugin", "v2.40.3"],
  ["compose-plugin-5", "v5.0.0"],
])("%s pins Compose %s, as the plugin will call itself", (directory, version) => {
  const setup = join(__dirname, "../../../scripts/setup");
  expect(readFileSync(join(setup, directory, "go.mod"), "utf8")).toMatch(
    new RegExp(`github\\.com/docker/compose/v\\d ${version.replaceAll(".", "\\.")}( |$)`, "m"),
  );
  expect(readFileSync(join(setup, "compose.ts"), "utf8")).toContain(
    `version: "${version}", directory: "${directory}"`,
  );
});
