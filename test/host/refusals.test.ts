import { rmSync } from "node:fs";
import { join } from "node:path";
import type { HostVerb } from "../../infra/host/payload";
import type { Behaviour } from "./behaviour";
import { KEYS, SECRETS, UNSERVED } from "./fixtures";
import { Machine, type Shell } from "./machine";

const SHELLS: readonly Shell[] = ["dash", "bash", "busybox"];
/** Each shell in turn: all of them with each fault would take three times as long. */
const inTurn = <T extends unknown[]>(cases: readonly T[]): [...T, Shell][] =>
  cases.map((one, index) => [...one, SHELLS[index % SHELLS.length] ?? "dash"]);

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

/** What is wrong with the host, and what the program has to say about it. */
const REFUSED: [string, (m: Machine) => unknown, RegExp][] = [
  ["another directory", (m) => m.stdin({ directory: "/nowhere" }), /^error directory_missing: \/nowhere/m],
  [
    "an unknown service",
    (m) => m.stdin({ service: "openclaw" }),
    /^error service_unknown: .*\n {2}expected: one of: openclaw-gateway openclaw-cli/m,
  ],
  [
    "docker that does not answer",
    (m) => m.set("daemon-down", ""),
    /^error docker_unreachable: .*\n.*\n {2}fix: .*usermod -aG docker/m,
  ],
  [
    "an old Compose",
    (m) => m.set("compose-version", "2.23.3\n"),
    /^error compose_too_old: docker compose 2\.23\.3\n {2}expected: 2\.24 or newer/m,
  ],
  ["a value outside the alphabet", (m) => m.stdin({ token: "a b$c" }), /^error value_not_plain/m],
  ["NUL bytes in .env", (m) => m.write(".env", `${m.file(".env")}\0`), /^error env_nul/m],
  [
    "a block of another stack",
    (m) => m.write(".env", `${m.file(".env")}# >>> openclaw-ai-gateway prod/vps1 nl=1\n`),
    /^error foreign_stack: .* managed by prod\/vps1/m,
  ],
  [
    "an override that is not ours",
    (m) => m.write("docker-compose.ai-gateway.yml", "services: {}"),
    /^error foreign_override/m,
  ],
  [
    "a key on several lines",
    (m) => m.write(".env", `${m.file(".env")}OPENROUTER_API_KEY="a\nb"\n`.replace('"a\nb"', '"a')),
    /^error env_multiline/m,
  ],
  [
    "a key in the comment behind something else",
    (m) => m.write(".env", m.file(".env").replace("TZ=UTC", `TZ=UTC # ${KEYS.OPENAI_API_KEY}`)),
    /^error key_elsewhere: \.env holds a provider key in the comment behind TZ\n.*\n {2}fix: take the key out of that comment; .*'\.env:TZ'/m,
  ],
  [
    "a literal key in a compose file",
    (m) =>
      m.write(
        "docker-compose.yml",
        m.file("docker-compose.yml").replace("LEVEL: info", `K: ${"sk-or-v1-".padEnd(40, "x")}`),
      ),
    /^error key_elsewhere: service other gets the provider key K .*\n.*\n {2}fix: .*allowKeys\[0\]' 'other:K'/m,
  ],
  [
    "a key in OpenClaw's own .env",
    (m) => m.write("state/.env", `ANTHROPIC_API_KEY=${KEYS.ANTHROPIC_API_KEY}\n`),
    /^error key_elsewhere: .*state\/\.env \(in the container\) holds a provider key/m,
  ],
  ...["openclaw.json~", "openclaw.backup.json", "openclaw.json.bak 2026-11-01"].map(
    (name): [string, (m: Machine) => unknown, RegExp] => [
      `a key in ${name}`,
      (m) => m.write(`state/${name}`, JSON.stringify({ env: { X: KEYS.OPENAI_API_KEY } })),
      /^error key_elsewhere: .*state\/openclaw.* \(in the container\) holds a provider key\n.*\n {2}fix: delete that copy/m,
    ],
  ),
  [
    "an openclaw.json that is broken",
    (m) => m.write("state/openclaw.json", "{ what"),
    /^error config_unreadable/m,
  ],
  [
    "a configuration that OpenClaw refuses",
    (m) => m.behave({ config: "refuse" }),
    /error config_refused: OpenClaw refuses the change/,
  ],
  [
    "a configuration that OpenClaw warns about",
    (m) => m.behave({ config: "warn" }),
    /error config_refused: OpenClaw warns about the new openclaw\.json/,
  ],
  [
    "a Worker that never is ready",
    (m) => {
      m.workerNotReady = 1e9;
      m.patience = 3;
    },
    /error worker_not_ready: .* is not ready for this host/,
  ],
];

test.each(inTurn(REFUSED))("%s: refused, nothing changed", async (_name, spoil, message, shell) => {
  const changed = spoil(machine);
  const options = typeof changed === "string" ? { stdin: changed, shell } : { shell };
  const before = machine.tree();
  const { code, output } = await machine.run("apply", options);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(message) });
  expect(machine.tree()).toEqual(before);
  expect(machine.serving()).toBe("own");
  for (const secret of SECRETS) expect(output).not.toContain(secret);
  for (const line of output.split("\n")) expect(line.length).toBeLessThan(400);
});

test("the preflight finds what can be found without a change", async () => {
  expect(await machine.run("preflight")).toEqual({
    code: 0,
    output: expect.stringContaining("preflight passed"),
  });
  machine.set("compose-version", "1.29.2\n");
  expect((await machine.run("preflight")).code).toBe(1);
});

test("an input that was cut off does nothing", async () => {
  const before = machine.tree();
  const stdin = machine.stdin();
  expect(await machine.run("apply", { stdin: stdin.slice(0, -6) })).toEqual({
    code: 72,
    output: expect.stringMatching(/^error input_incomplete: .*\n {2}expected: .*\n {2}fix: /),
  });
  expect(await machine.run("apply", { stdin: stdin.slice(0, 2000) })).toEqual({
    code: 72,
    output: expect.stringContaining("error program_incomplete: "),
  });
  expect(await machine.run("abolish" as HostVerb)).toEqual({
    code: 64,
    output: expect.stringContaining("error unknown_verb: "),
  });
  expect(machine.tree()).toEqual(before);
});

test("another pass phrase than the one that sealed is refused", async () => {
  await machine.run("apply");
  const before = machine.tree();
  const other = machine.stdin({ seal: "x".repeat(64) });
  expect((await machine.run("apply", { stdin: other })).output).toContain("error seal_differs");
  expect((await machine.run("restore", { stdin: other })).code).toBe(1);
  expect(machine.tree()).toEqual(before);
});

describe("a Worker that is ready after 20 refusals, 2 s from each to the next", () => {
  beforeEach(() => {
    machine.behave({ clock: 10 });
    machine.workerNotReady = 20;
  });
  const apply = (seconds: string) =>
    machine.run("apply", { stdin: machine.stdin({ "worker-wait": seconds }) });

  test("is waited for", async () => {
    expect((await apply("600")).code).toBe(0);
    expect(machine.serving()).toBe("new");
  });

  test("is refused where it may take less than those 40 s", async () => {
    expect((await apply("38")).output).toMatch(/error worker_not_ready: .* after 38 s: status 503/);
    expect(machine.serving()).toBe("own");
  });
});

const UNHEALTHY: [string, Partial<Behaviour>, RegExp][] = [
  ["crashes", { start: "crash" }, /error container_restarts/],
  ["is unhealthy", { start: "unhealthy", ready: false }, /error container_unhealthy/],
  ["never is ready", { ready: false }, /error openclaw_not_ready: .*\/readyz answers 503/],
  ["gets no answer of the model", { turn: "fail" }, /error model_unanswered/],
  ["cannot be started", { start: "refuse" }, /error start_failed/],
];

describe.each(UNHEALTHY)("a new container that %s", (_name, behaviour, message) => {
  test.each(SHELLS)(
    "is undone under %s: the old configuration serves again, no secret in the output",
    async (shell) => {
      machine.set("log", `listening\nusing key ${KEYS.OPENAI_API_KEY} ${"long ".repeat(200)}\n`);
      const before = machine.tree();
      machine.behave(behaviour);
      if (behaviour.ready === false) machine.patience = 3;
      const { code, output } = await machine.run("apply", { shell });
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(message) });
      expect(output).toContain("the previous configuration is back");
      expect(machine.tree()).toEqual(before);
      expect(machine.serving()).toBe("own");
      for (const secret of SECRETS) expect(output).not.toContain(secret);
      for (const line of output.split("\n")) expect(line.length).toBeLessThan(400);
    },
  );
});

test("a change of a working configuration that fails goes back to that configuration", async () => {
  await machine.run("apply");
  const before = machine.tree();
  machine.behave({ turn: "fail" });
  const changed = machine.stdin({ patch: JSON.stringify({ models: { mode: "merge" } }), ...UNSERVED });
  expect(await machine.run("apply", { stdin: changed })).toMatchObject({
    code: 1,
    output: expect.stringContaining("error model_unanswered"),
  });
  expect(machine.tree()).toEqual(before);
  expect(machine.serving()).toBe("new");
  machine.behave({});
  await machine.run("restore");
  expect(machine.file(".env")).toContain(KEYS.ANTHROPIC_API_KEY);
  rmSync(join(machine.root, "tmp"), { recursive: true });
});
