import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostPayload, HostVerb } from "../../infra/host/payload";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { TOOLS } from "./commands";
import { SECRETS } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

/**
 * Puts a program before each that a host has, which notes what other users of the machine see of the process in `/proc`
 * and then becomes the program. A search through `/proc` from outside would miss the short ones.
 */
function watch(): { readonly programs: string; readonly seen: () => string[] } {
  const programs = join(machine.root, "watch");
  const log = join(machine.root, "processes");
  mkdirSync(programs);
  writeFileSync(log, "");
  const others = `"\${PATH#'${programs}':}"`;
  const note = `/bin/cat /proc/$$/cmdline /proc/$$/environ >>'${log}'; echo >>'${log}'`;
  for (const name of [...TOOLS, "docker"]) {
    const lines = ["#!/bin/sh", note, `real="$(PATH=${others}; command -v ${name})"`];
    // What runs in a container has the container's environment, token included; Docker does not look at our PATH for it.
    if (name === "docker") lines.push(`PATH=${others}`);
    writeFileSync(join(programs, name), `${lines.join("\n")}\nexec "$real" "$@"\n`, { mode: 0o755 });
  }
  return { programs, seen: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

const VENDORS = JSON.stringify(
  LLM_PROVIDERS.map(({ slug, keyEnvNames, keyPattern }) => ({
    slug,
    names: keyEnvNames,
    pattern: keyPattern?.source,
  })),
);

/** A key that takes the place of the host's own, as `restore.keys: stack` sends it. */
const CURRENT_KEY = `sk-ant-api03-${"z9".repeat(20)}`;
const RESTORE_KEYS = `${CURRENT_KEY}\tsk-ant-[A-Za-z0-9_-]+\tANTHROPIC_API_KEY`;

function expectNoSecretIn(processes: readonly string[]): void {
  expect(processes.filter((process) => process.includes("openssl\0enc")).length).toBeGreaterThan(5);
  expect(processes.filter((process) => process.includes("docker\0")).length).toBeGreaterThan(5);
  for (const secret of [...SECRETS, CURRENT_KEY]) {
    expect(processes.filter((process) => process.includes(secret))).toEqual([]);
  }
}

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("no secret is in the arguments or the environment of any process", async () => {
    const { programs, seen } = watch();
    const run = (verb: HostVerb, change: Partial<HostPayload> = {}) =>
      machine.run(verb, { shell, programs, stdin: machine.stdin(change) });

    expect((await run("export_keys", { vendors: VENDORS })).output).toContain("sealed ");
    machine.behave({ turn: "fail" });
    expect((await run("apply")).output).toContain("the previous configuration is back");
    machine.behave({});
    expect((await run("apply")).code).toBe(0);
    expect((await run("bypass", { "restore-keys": RESTORE_KEYS })).output).toContain(
      "with a key of the stack",
    );
    expect((await run("bypass_end")).code).toBe(0);
    expect((await run("restore", { "restore-keys": RESTORE_KEYS })).output).toContain("restored: ");

    expectNoSecretIn(seen());
  }, 300_000);
});

test("nor where sudo runs it", async () => {
  machine.denyDocker();
  machine.allowSudo();
  const { programs, seen } = watch();

  for (const verb of ["apply", "restore"] as const) {
    expect((await machine.run(verb, { programs })).code).toBe(0);
  }

  const processes = seen();
  expect(processes.filter((process) => process.includes("FAKE_ROOT=1")).length).toBeGreaterThan(5);
  expectNoSecretIn(processes);
});
