import { KEYS, SECRETS } from "./fixtures";
import { Machine, type Shell } from "./machine";

/** The verbs of `npm run doctor`. */
const VERBS = ["keys", "ready", "turn"] as const;

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

function found(output: string): string[] {
  return [...output.matchAll(/^error key_on_host: (.*)$/gm)].map(([, text]) =>
    (text ?? "").replaceAll(machine.project, "…"),
  );
}

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("a host as it was applied is in order, and nothing of it is changed", async () => {
    await machine.run("apply", { shell });
    const before = machine.tree();
    for (const verb of VERBS) {
      const { code, output } = await machine.run(verb, { shell });
      expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(EXPECTED[verb]) });
    }
    expect(machine.tree()).toEqual(before);
    expect(machine.starts()).toHaveLength(2);
  });

  test("a key is found wherever it came back to, all of them at once, and never shown", async () => {
    await machine.run("apply", { shell });
    machine.write(
      ".env",
      `${machine.file(".env")}OPENAI_API_KEY=${KEYS.OPENAI_API_KEY}\nCOHERE_API_KEY=word\n#${KEYS.GEMINI_API_KEY}\n`,
    );
    machine.write("notes from before.txt", `the old one was ${KEYS.ANTHROPIC_API_KEY}\n`);
    machine.write("state/.env", `GEMINI_API_KEY=${KEYS.GEMINI_API_KEY}\n`);
    machine.write(
      "state/openclaw.json.bak",
      JSON.stringify({ env: { OPENAI_API_KEY: KEYS.OPENAI_API_KEY } }),
    );
    const config = JSON.parse(machine.file("state/openclaw.json")) as Record<string, unknown>;
    machine.write(
      "state/openclaw.json",
      JSON.stringify({ ...config, channels: { x: { apiKey: KEYS.OPENAI_API_KEY } } }),
    );

    const { code, output } = await machine.run("keys", { shell });

    expect(code).toBe(1);
    expect(found(output)).toEqual([
      ".env holds a provider key in OPENAI_API_KEY",
      ".env holds a provider key in COHERE_API_KEY",
      expect.stringMatching(/^\.env holds a provider key in the comment on line \d+$/),
      "openclaw.json holds a provider key at channels.x.apiKey",
      "…/state/openclaw.json.bak (in the container) holds a provider key",
      "…/state/.env (in the container) holds a provider key",
      "…/notes from before.txt holds a provider key",
    ]);
    for (const secret of SECRETS) expect(output + machine.dockerCalls()).not.toContain(secret);
  });
});

const EXPECTED = {
  keys: /^no provider key: dev\/vps1/m,
  ready: /^ready: dev\/vps1/m,
  turn: /^answered: anthropic\/claude-sonnet-4-6$/m,
};

test("a longer word that begins like a key stays where it is, and is none to the doctor", async () => {
  const word = `AIza${"e5".repeat(20)}`;
  machine.write(".env", `${machine.file(".env")}MY_TOOL=${word}\n`);
  machine.write("notes.txt", `${word}\n`);
  await machine.run("apply");
  expect(machine.file(".env")).toContain(`MY_TOOL=${word}`);
  expect(await machine.run("keys")).toMatchObject({ code: 0, output: expect.stringMatching(EXPECTED.keys) });
});

test("a place that is allowed to hold a key is named, and is no failure", async () => {
  await machine.run("apply");
  machine.write("notes.txt", KEYS.OPENAI_API_KEY);
  const stdin = machine.stdin({ "allow-keys": JSON.stringify(["notes.txt"]) });
  const { code, output } = await machine.run("keys", { stdin });
  expect(code).toBe(0);
  expect(output).toContain("keys left as allowed: notes.txt");
});

test.each<Shell>(["dash", "bash", "busybox"])(
  "commands that accept files do not undo each other: %s",
  async (shell) => {
    await machine.run("apply", { shell });
    for (const name of ["allowed.txt", "one.txt", "two.txt"]) machine.write(name, KEYS.OPENAI_API_KEY);
    const indices = async (allowed: string[]) => {
      const stdin = machine.stdin({ "allow-keys": JSON.stringify(allowed) });
      const { output } = await machine.run("keys", { shell, stdin });
      return [...output.matchAll(/allowKeys\[(\d+)\]/g)].map(([, index]) => index);
    };
    expect(await indices(["allowed.txt"])).toEqual(["1", "2"]);
    expect(await indices([])).toEqual(["0", "1", "2"]);
  },
);

test.each(VERBS)("%s says so where nothing was applied", async (verb) => {
  const { code, output } = await machine.run(verb);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("error not_managed: ") });
});

test("OpenClaw that is not ready, and a container that is gone", async () => {
  await machine.run("apply");
  machine.behave({ ready: false });
  expect((await machine.run("ready")).output).toContain("error openclaw_not_ready");
  machine.removeContainers();
  expect((await machine.run("ready")).output).toContain("error container_gone");
});

test("a model that gives no answer", async () => {
  await machine.run("apply");
  machine.behave({ turn: "fail" });
  const { code, output } = await machine.run("turn");
  expect(code).toBe(1);
  expect(output).toContain("error model_unanswered: anthropic/claude-sonnet-4-6 does not answer");
});
