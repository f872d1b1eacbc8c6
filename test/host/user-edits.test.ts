import { chmodSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG, KEYS } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

/** The operator's `.env` of {@link Machine}, as he might have written it instead. */
const SHAPES: Record<string, (text: string) => string | undefined> = {
  "CRLF line ends": (text) => text.replace(/\n/g, "\r\n"),
  "no final newline": (text) => text.trimEnd(),
  "a key on the last line, without newline": (text) =>
    `${text}OPENROUTER_API_KEY=sk-or-v1-${"e5".repeat(20)}`,
  "quotes, export, blanks and a repeated name": (text) =>
    `export ANTHROPIC_API_KEY="${KEYS.ANTHROPIC_API_KEY}"\n  OPENAI_API_KEY = '${KEYS.OPENAI_API_KEY}'\n${text}`,
  "comments behind keys": (text) =>
    text.replace(/(_API_KEY=.*)/g, "$1 # prod").replace(/OPENAI_API_KEY=(\S+)/, 'OPENAI_API_KEY="$1"'),
  "assignments in the manner of YAML": (text) => text.replace(/_API_KEY=/g, "_API_KEY: "),
  "keys that are commented out": (text) =>
    `#OPENAI_API_KEY=${KEYS.OPENAI_API_KEY}\n${text}  # the old one: "${KEYS.ANTHROPIC_API_KEY}"\n#TZ=x\n`,
  "a key under a name of the operator's own": (text) => `${text}MY_CLAUDE=${KEYS.ANTHROPIC_API_KEY}\n`,
  "invalid UTF-8 in a comment": (text) => `${text}# caf\xe9\n`,
  "a COMPOSE_FILE of the operator's own, with a comment": (text) =>
    `${text}COMPOSE_FILE=docker-compose.yml # as it was\n`,
  "a COMPOSE_FILE of the operator's own": (text) => `${text}COMPOSE_FILE=docker-compose.yml\n`,
  "our names, set by hand": (text) => `${text}AI_GATEWAY_WORKER_URL=https://old.example\n`,
};

const SHELLS: readonly Shell[] = ["dash", "bash", "busybox"];
/** Each shell in turn. */
const shapes = Object.entries(SHAPES).map(
  ([name, reshape], index) => [name, SHELLS[index % SHELLS.length] ?? "dash", reshape] as const,
);

test.each(shapes)("%s: restored exactly, no key left in between, under %s", async (_name, shell, reshape) => {
  const text = reshape(machine.file(".env")) ?? "";
  writeFileSync(machine.envFile, text, "latin1");
  machine.start();
  const before = machine.tree();
  const applied = await machine.run("apply", { shell });
  expect(applied.output).toContain("applied: dev/vps1");
  const during = machine.tree();
  for (const key of Object.values(KEYS)) {
    expect(Object.entries(during).filter(([, content]) => content.includes(key))).toEqual([]);
  }
  await machine.run("restore", { shell });
  expect(machine.tree()).toEqual(before);
});

test("a .env that is a link keeps being one", async () => {
  const target = join(machine.root, "shared.env");
  writeFileSync(target, machine.file(".env"), { mode: 0o600 });
  rmSync(machine.envFile);
  symlinkSync(target, machine.envFile);
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply")).code).toBe(0);
  expect(machine.file(".env")).toContain("AI_GATEWAY_AUTH_TOKEN");
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("an override of the operator's stays in force and untouched", async () => {
  machine.write("docker-compose.override.yml", "services: {other: {environment: {LEVEL: debug}}}\n");
  machine.start();
  const before = machine.tree();
  await machine.run("apply");
  expect(machine.file(".env")).toContain(
    "COMPOSE_FILE=docker-compose.yml:docker-compose.override.yml:docker-compose.ai-gateway.yml",
  );
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("what was edited in between is kept, by the next apply and by restore", async () => {
  machine.start();
  const before = machine.tree();
  await machine.run("apply");
  const env = machine.file(".env").replace("TZ=UTC\n", "TZ=Europe/Berlin\nEXTRA=1\n");
  machine.write(".env", `${env}LAST=2\n`);
  const config = JSON.parse(machine.file("state/openclaw.json"));
  config.ui = { theme: "dark" };
  config.meta = { lastTouchedVersion: "2026.9.7" };
  machine.write("state/openclaw.json", JSON.stringify(config));

  expect((await machine.run("apply")).code).toBe(0);
  expect(machine.file(".env")).toContain("EXTRA=1\n");
  expect(JSON.parse(machine.file("state/openclaw.json")).ui).toEqual({ theme: "dark" });

  expect((await machine.run("restore")).output).toContain("edits of openclaw.json kept");
  const after = machine.tree();
  const original = (before[".env"] ?? "").replace("TZ=UTC\n", "TZ=Europe/Berlin\nEXTRA=1\n");
  expect(after[".env"]).toBe(`${original}LAST=2\n`);
  expect(JSON.parse(machine.file("state/openclaw.json"))).toEqual({
    ...JSON.parse(CONFIG),
    ui: { theme: "dark" },
  });
  expect(Object.keys(after)).toEqual(Object.keys(before));
});

test("bookkeeping that OpenClaw rewrites does not count as an edit", async () => {
  machine.start();
  const before = machine.tree();
  await machine.run("apply");
  const config = JSON.parse(machine.file("state/openclaw.json"));
  machine.write(
    "state/openclaw.json",
    JSON.stringify({ ...config, meta: { lastTouchedVersion: "2027.1.1" } }),
  );
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("a key that the operator enters again is taken out by the next apply and comes back", async () => {
  machine.start();
  await machine.run("apply");
  const again = `OPENROUTER_API_KEY=sk-or-v1-${"f6".repeat(20)}`;
  machine.write(".env", `${machine.file(".env")}${again}\n`);
  await machine.run("apply");
  expect(machine.file(".env")).not.toContain(again);
  await machine.run("restore");
  expect(machine.file(".env").split("\n").slice(-2)).toEqual([again, ""]);
  expect(machine.file(".env")).toContain(`OPENAI_API_KEY=${KEYS.OPENAI_API_KEY}\n`);
});

test("literal keys and OpenClaw's own copies of its configuration are sealed and come back", async () => {
  const config = JSON.parse(CONFIG);
  config.models.providers.anthropic.apiKey = KEYS.ANTHROPIC_API_KEY;
  config.env = { OPENAI_API_KEY: KEYS.OPENAI_API_KEY, OTHER: "stays" };
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write("state/openclaw.json.bak", JSON.stringify(config));
  machine.write("state/openclaw.json.last-good", JSON.stringify(config));
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply")).code).toBe(0);
  const during = Object.values(machine.tree()).join("\n");
  for (const key of Object.values(KEYS)) expect(during).not.toContain(key);
  expect(JSON.parse(machine.file("state/openclaw.json")).env).toEqual({ OTHER: "stays" });
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("restores what is left when half was removed by hand", async () => {
  machine.start();
  const before = machine.tree();
  await machine.run("apply");
  rmSync(join(machine.project, "docker-compose.ai-gateway.yml"));
  rmSync(machine.envFile);
  expect((await machine.run("restore")).code).toBe(0);
  expect(machine.tree()).toEqual(before);

  await machine.run("apply");
  rmSync(machine.state, { recursive: true });
  const { code, output } = await machine.run("restore");
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("entered again") });
  expect(machine.file(".env")).not.toContain("AI_GATEWAY");
  expect(Object.keys(machine.tree())).toEqual(Object.keys(before));
});

describe("the state directory was removed by hand", () => {
  beforeEach(async () => {
    machine.start();
    await machine.run("apply");
    rmSync(machine.state, { recursive: true });
  });

  test.each([[false], [true]])(
    "what refers to our variables goes too; our override removed as well: %s",
    async (isOverrideGone) => {
      if (isOverrideGone) rmSync(join(machine.project, "docker-compose.ai-gateway.yml"));
      const { code, output } = await machine.run("restore");
      expect(code).toBe(0);
      expect(output).toContain("taken out of openclaw.json");
      expect(output).toContain("models.providers.anthropic");
      expect(machine.file("state/openclaw.json")).not.toMatch(/AI_GATEWAY|"anthropic": \[\]/);
      expect(JSON.parse(machine.file("state/openclaw.json")).gateway).toEqual({ mode: "local" });
      expect(machine.serving()).toBe("own");
      expect(Object.keys(machine.tree()).filter((path) => path.startsWith(".openclaw"))).toEqual([]);
    },
  );

  test("OpenClaw is asked, and the first destroy ends where it gives no answer", async () => {
    machine.behave({ turn: "fail", onlyNew: false });
    expect(await machine.run("restore")).toEqual({
      code: 1,
      output: expect.stringContaining("error own_key_refused"),
    });
    expect(machine.serving()).toBe("own");
    machine.behave({});
    const asked = machine.turns().length;
    expect((await machine.run("restore")).code).toBe(0);
    expect(machine.turns()).toHaveLength(asked + 1);
    expect(Object.keys(machine.tree()).filter((path) => path.startsWith(".openclaw"))).toEqual([]);
  });
});

test("without the state directory nothing of ours is taken for the operator's own", async () => {
  machine.start();
  await machine.run("apply");
  rmSync(machine.state, { recursive: true });
  const leave: Record<string, () => void> = {
    ".env": () => {},
    "docker-compose.ai-gateway.yml": () =>
      machine.write(".env", machine.file(".env").replace(/^.*(AI_GATEWAY|ai-gateway).*\n/gm, "")),
    "openclaw.json": () => rmSync(join(machine.project, "docker-compose.ai-gateway.yml")),
  };
  for (const [part, spoil] of Object.entries(leave)) {
    spoil();
    const before = machine.tree();
    for (const verb of ["preflight", "apply"] as const) {
      const message = new RegExp(`error state_lost: .*${part}`);
      expect(await machine.run(verb)).toEqual({ code: 1, output: expect.stringMatching(message) });
    }
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("new");
  }
});

test("an OpenClaw that was set up by hand, with our names", async () => {
  const config = JSON.parse(CONFIG);
  config.models.providers.anthropic.apiKey = "$" + "{AI_GATEWAY_AUTH_TOKEN}";
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write(".env", `${machine.file(".env")}AI_GATEWAY_AUTH_TOKEN=of-his-own\n`);
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply")).code).toBe(0);
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("an edited override is kept beside, by an apply too", async () => {
  machine.start();
  await machine.run("apply");
  const ours = machine.file("docker-compose.ai-gateway.yml");
  for (const [index, name] of ["edited", "edited.2"].entries()) {
    const edited = ours.replace("{", `{"x-mine":${index},`);
    machine.write("docker-compose.ai-gateway.yml", edited);
    expect((await machine.run("apply")).output).toContain(`are in docker-compose.ai-gateway.yml.${name}\n`);
    expect(machine.file(`docker-compose.ai-gateway.yml.${name}`)).toBe(edited);
    expect(machine.file("docker-compose.ai-gateway.yml")).toBe(ours);
  }
});

test("an edited override is kept beside", async () => {
  machine.start();
  await machine.run("apply");
  const edited = machine.file("docker-compose.ai-gateway.yml").replace("{", '{"x-mine":1,');
  machine.write("docker-compose.ai-gateway.yml", edited);
  expect((await machine.run("restore")).output).toContain("docker-compose.ai-gateway.yml.edited");
  expect(machine.file("docker-compose.ai-gateway.yml.edited")).toBe(edited);
});

test("without .env and openclaw.json, both are made and removed again", async () => {
  const env = machine.file(".env").replace(/^.*API_KEY.*\n/gm, "");
  rmSync(machine.configFile);
  rmSync(machine.envFile);
  machine.write("docker-compose.yml", interpolated(machine.file("docker-compose.yml"), env));
  chmodSync(join(machine.project, "docker-compose.yml"), 0o644);
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply")).output).toContain("applied");
  expect(machine.serving()).toBe("new");
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

function interpolated(text: string, env: string): string {
  return env
    .split("\n")
    .map((line) => line.split("="))
    .reduce(
      (result, [name, value]) => result.replace(new RegExp(`\\$\\{${name}(:-[^}]*)?\\}`, "g"), value ?? ""),
      text,
    );
}
