import { appendFileSync, writeFileSync } from "node:fs";
import { done, failed, operatorsPart } from "./expectations";
import { KEYS, SECRETS, TOKEN } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.write("state/openclaw.json.bak", '{"gateway":{"mode":"local"}}');
  machine.start();
});
afterEach(() => machine.remove());

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("there and back: the own files byte for byte, then the gateway, then restored", async () => {
    const before = machine.tree();
    const run = async (verb: Parameters<Machine["run"]>[0]) => machine.run(verb, { shell });
    await run("apply");

    const bypassed = await run("bypass");
    expect(bypassed).toEqual(done("bypassed: dev/vps1"));
    expect(machine.serving()).toBe("own");
    expect(operatorsPart(machine.tree())).toEqual(before);
    expect(await run("status")).toEqual(done("--host vps1 --end"));
    expect(await run("bypass")).toEqual(done("bypassed already: dev/vps1"));

    const ended = await run("bypass_end");
    expect(ended).toEqual(done("applied: dev/vps1"));
    expect(machine.serving()).toBe("new");
    expect(await run("apply")).toEqual(done("unchanged"));
    expect(await run("bypass_end")).toEqual(done("unchanged"));
    expect((await run("status")).output).not.toContain("bypassed");

    await run("restore");
    expect(machine.tree()).toEqual(before);
    for (const secret of SECRETS) expect(bypassed.output + ended.output).not.toContain(secret);
  });
});

test("while bypassed an up is refused with the command that ends it, and a guard's update passes", async () => {
  await machine.run("apply");
  await machine.run("bypass");
  const during = machine.tree();
  expect(await machine.run("apply")).toEqual(failed("error host_bypassed"));
  expect(await machine.run("preflight")).toEqual(done("npm run bypass -- --stack dev --host vps1 --end"));
  expect(machine.tree()).toEqual(during);
  expect(machine.serving()).toBe("own");
});

test("destroy while bypassed leaves the host's own files, without an interruption", async () => {
  const before = machine.tree();
  await machine.run("apply");
  await machine.run("bypass");
  const starts = machine.starts();
  expect(await machine.run("restore")).toEqual(done("restored: dev/vps1"));
  expect(machine.tree()).toEqual(before);
  expect(machine.starts()).toEqual(starts);
});

test("a host that is not set up cannot be bypassed, nor can a bypass of it be ended", async () => {
  const before = machine.tree();
  expect(await machine.run("bypass")).toEqual(failed("error not_managed"));
  expect(await machine.run("bypass_end")).toEqual(failed("error not_managed"));
  expect(machine.tree()).toEqual(before);
});

test("edits made while bypassed are the operator's: kept by the end, and by destroy", async () => {
  const env = machine.file(".env");
  await machine.run("apply");
  await machine.run("bypass");
  appendFileSync(machine.envFile, "EDITED=while-bypassed\n");
  machine.write("state/openclaw.json", '{ "gateway": {"mode": "local"} , "ui": {} }');
  const edited = operatorsPart(machine.tree());
  expect(await machine.run("bypass_end")).toEqual(done("applied"));
  expect(machine.file(".env")).toContain("EDITED=while-bypassed");
  await machine.run("restore");
  expect(machine.tree()).toEqual(edited);
  expect(machine.file(".env")).toBe(`${env}EDITED=while-bypassed\n`);
});

test("an end that fails leaves the host bypassed", async () => {
  const before = machine.tree();
  await machine.run("apply");
  await machine.run("bypass");
  machine.behave({ turn: "fail" });
  expect(await machine.run("bypass_end")).toEqual(failed("model_unanswered"));
  machine.behave({});
  expect(machine.serving()).toBe("own");
  expect(operatorsPart(machine.tree())).toEqual(before);
  expect(await machine.run("apply")).toEqual(failed("host_bypassed"));
  machine.patience = 2;
  machine.workerNotReady = 99;
  expect(await machine.run("bypass_end")).toEqual(failed("worker_not_ready"));
  machine.workerNotReady = 0;
  expect(await machine.run("bypass_end")).toEqual(done("applied"));
});

test("a stopped service stays stopped, there and back", async () => {
  await machine.run("apply");
  const stopped = await Machine.create();
  try {
    const before = stopped.tree();
    await stopped.run("apply");
    expect(await stopped.run("bypass")).toEqual(done("bypassed"));
    expect(await stopped.run("bypass_end")).toEqual(done("service left stopped"));
    await stopped.run("restore");
    expect(stopped.starts()).toEqual([]);
    expect(stopped.tree()).toEqual(before);
  } finally {
    await stopped.remove();
  }
});

describe("own keys that were revoked", () => {
  const NEW_KEY = `sk-ant-api03-${"n3".repeat(20)}`;
  const restoreKeys = `${NEW_KEY}\tsk-ant-[A-Za-z0-9_-]{20,}\tANTHROPIC_API_KEY`;
  const withKeys = () => ({ stdin: machine.stdin({ "restore-keys": restoreKeys }) });
  const rekeyed = (text: string) => text.replaceAll(KEYS.ANTHROPIC_API_KEY, NEW_KEY);

  beforeEach(async () => {
    await machine.run("apply");
    machine.behave({ revokedKey: KEYS.ANTHROPIC_API_KEY });
  });

  test("destroy restores, says so, and ends there; once more it asks again, and goes on", async () => {
    const result = await machine.run("restore");
    expect(result).toEqual(failed("error own_key_refused"));
    expect(result.output).toContain("restore.keys stack");
    expect(result.output).toContain("401");
    expect(result.output).not.toContain(KEYS.ANTHROPIC_API_KEY);
    expect(machine.serving()).toBe("own");
    expect(machine.file(".env")).toContain(KEYS.ANTHROPIC_API_KEY);
    const [turns, starts] = [machine.turns().length, machine.starts()];
    const again = await machine.run("restore");
    expect(again).toEqual(done("restored: dev/vps1"));
    expect(again.output).toContain("warning: openclaw-gateway runs on the host's own files");
    expect(again.output).toContain("own_key_refused");
    expect(machine.turns().slice(turns)).toEqual([expect.stringContaining("own")]);
    expect(machine.starts()).toEqual(starts);
    expect(await machine.run("restore")).toEqual(done("nothing to restore"));
  });

  test("destroy with the stack's keys writes these, and nothing else is another", async () => {
    const result = await machine.run("restore", withKeys());
    expect(result).toEqual(done("restored: dev/vps1 in"));
    expect(result.output).toContain("with a key of the stack in ANTHROPIC_API_KEY");
    expect(result.output).not.toContain(NEW_KEY);
    const fresh = await Machine.create();
    expect(
      machine
        .file(".env")
        .replaceAll(machine.root, fresh.root)
        .replace(/PORT=\d+/, ""),
    ).toBe(rekeyed(fresh.file(".env")).replace(/PORT=\d+/, ""));
    await fresh.remove();
  });

  test("bypass says it and stays; with the stack's keys it answers; its end and destroy keep these", async () => {
    expect(await machine.run("bypass")).toEqual(failed("error own_key_refused"));
    expect(machine.serving()).toBe("own");
    expect(await machine.run("bypass")).toEqual(failed("error own_key_refused"));
    expect(await machine.run("bypass", withKeys())).toEqual(done("with a key of the stack"));
    const bypassed = operatorsPart(machine.tree());
    expect(bypassed[".env"]).toContain(NEW_KEY);
    expect(await machine.run("bypass_end")).toEqual(done("applied"));
    expect(await machine.run("restore")).toEqual(done("restored"));
    expect(machine.tree()).toEqual(bypassed);
  });

  test("a provider that is down is not taken for one that refuses the key", async () => {
    machine.behave({ turn: "down", onlyNew: false });
    const { code, output } = await machine.run("restore");
    expect({ code, output }).toEqual(failed("error own_model_unanswered"));
    expect(output).not.toContain("restore.keys");
  });

  test("a literal key in openclaw.json is replaced in place, comments and layout stay", async () => {
    await machine.run("restore");
    machine.behave({});
    machine.write(
      "state/openclaw.json",
      `{"models": {"providers":\n {"anthropic": {"apiKey": "${KEYS.ANTHROPIC_API_KEY}", "baseUrl": "https://x"}}}}\n`,
    );
    const original = machine.file("state/openclaw.json");
    machine.behave({});
    await machine.run("apply");
    expect(machine.file("state/openclaw.json")).not.toContain(KEYS.ANTHROPIC_API_KEY);
    expect(await machine.run("restore", withKeys())).toEqual(done("openclaw.json"));
    expect(machine.file("state/openclaw.json")).toBe(rekeyed(original));
  });
});

test("a host that never had a key is restored without a question", async () => {
  writeFileSync(machine.envFile, machine.file(".env").replace(/^.*_API_KEY=.*\n/gm, ""));
  machine.start();
  await machine.run("apply");
  machine.behave({ turn: "down", onlyNew: false });
  expect(await machine.run("restore")).toEqual(done("restored"));
  expect(machine.file(".env")).not.toContain(TOKEN);
});
