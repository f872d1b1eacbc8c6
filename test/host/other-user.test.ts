import { chmodSync, chownSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HostVerb } from "../../infra/host/payload";
import { Machine, type Shell } from "./machine";

/** Another user than the one who applied, and places that are not there when a host is to be restored. */

const ROOT = 0;
const DEPLOY = 1234;

/** Only root can be somebody else. */
const asRoot = process.getuid?.() === ROOT ? describe : describe.skip;

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

const failed = (text: string | RegExp) => ({ code: 1, output: expect.stringMatching(text) });

asRoot("applied as root, then logged in as another user", () => {
  let before: Record<string, string>;

  beforeEach(async () => {
    machine.giveTo(DEPLOY);
    machine.logInAs(ROOT);
    before = machine.tree();
    expect((await machine.run("apply")).code).toBe(0);
    machine.logInAs(DEPLOY);
  });

  test.each<Shell>(["dash", "bash", "busybox"])(
    "what is sealed is not taken for missing: every verb says so and changes nothing, under %s",
    async (shell) => {
      const during = machine.tree();
      const verbs: HostVerb[] = ["preflight", "apply", "restore", "status", "bypass", "bypass_end", "keys"];
      for (const verb of verbs) {
        const result = await machine.run(verb, { shell });
        expect({ verb, ...result }).toEqual({
          verb,
          ...failed(/^error state_unreadable: .*\n.*\n {2}fix: /m),
        });
      }
      expect(machine.tree()).toEqual(during);
    },
    60_000,
  );

  test("also when the directory alone was given to him", async () => {
    chownSync(machine.state, DEPLOY, DEPLOY);
    const during = machine.tree();
    expect(await machine.run("restore")).toEqual(failed("error state_unreadable"));
    expect(machine.tree()).toEqual(during);
  });

  test("with sudo it is restored byte for byte, mode and owner", async () => {
    if (!machine.allowRealSudo()) return; // no setpriv, or a file system without set-user-ID
    expect(await machine.run("restore")).toEqual({
      code: 0,
      output: expect.stringContaining("restored: dev/vps1"),
    });
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  });
});

asRoot("a parent directory that the user may not search", () => {
  test("is not taken for a host with nothing to restore", async () => {
    machine.giveTo(DEPLOY);
    await machine.run("apply");
    chownSync(machine.root, ROOT, ROOT);
    chmodSync(machine.root, 0o711);
    const hidden = dirname(machine.project);
    expect(hidden).toBe(machine.root);
    const inner = join(machine.root, "inner");
    mkdirSync(inner, { mode: 0o700 });
    renameSync(machine.project, join(inner, "project"));
    const stdin = machine.stdin({ directory: join(inner, "project") });
    expect(await machine.run("restore", { stdin })).toEqual(failed("error directory_missing"));
  });
});

describe("a host that was set up, and is not where it was", () => {
  const gone = /^error directory_missing: .*\n.*\n {2}fix: .*hosts\[N\]\.state' forgotten/;

  beforeEach(async () => {
    await machine.run("apply");
    renameSync(machine.project, join(machine.root, "elsewhere"));
  });

  test("the directory is missing: refused, with the way out", async () => {
    expect(await machine.run("restore")).toEqual(failed(gone));
  });

  test("an empty mount point is in its place: refused in the same way", async () => {
    mkdirSync(machine.project);
    expect(await machine.run("restore")).toEqual(failed(gone));
    rmSync(machine.project, { recursive: true });
  });
});

test("a directory that was only looked at is restored by doing nothing, whatever its compose file is called", async () => {
  const nothing = { code: 0, output: expect.stringContaining("nothing to restore") };
  expect(await machine.run("restore")).toEqual(nothing);
  renameSync(join(machine.project, "docker-compose.yml"), join(machine.project, "own.yml"));
  expect((await machine.run("restore")).code).toBe(1);
  const stdin = machine.stdin({ "compose-files": "own.yml" });
  expect(await machine.run("restore", { stdin })).toEqual(nothing);
  machine.write(".env", `${machine.file(".env")}COMPOSE_FILE=own.yml\n`);
  expect(await machine.run("restore")).toEqual(nothing);
});
