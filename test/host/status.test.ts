import { KEYS, SECRETS } from "./fixtures";
import { JSON5, Machine, type Shell } from "./machine";

/** What the host program says about a host, without changing anything. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});

afterEach(() => machine.remove());

/** A look is sent no secret. */
const looking = (change = {}) => machine.stdin({ seal: "", token: "", generation: "1", ...change });

/** Lines of a look. The host is as before it, and no secret of its own comes out. */
async function look(verb: "status" | "plan", change = {}, shell: Shell = "dash"): Promise<string[]> {
  const before = machine.tree();
  const { code, output } = await machine.run(verb, { stdin: looking(change), shell });
  expect({ code, output }).toMatchObject({ code: output.includes("error ") ? 1 : 0 });
  expect(machine.tree()).toEqual(before);
  for (const secret of SECRETS) expect(output).not.toContain(secret);
  return output.split("\n").filter(Boolean);
}

async function apply(change = {}): Promise<void> {
  const { code, output } = await machine.run("apply", {
    stdin: machine.stdin({ generation: "1", ...change }),
  });
  expect({ code, output }).toMatchObject({ code: 0 });
}

const changed = (lines: readonly string[]) => lines.filter((line) => line.includes(" changed since"));

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("a host that is as applied: a second plan has nothing to say", async () => {
    machine.start();
    await apply();
    const asApplied = [
      `managed: dev/vps1 in ${machine.project}`,
      "env as applied",
      "override as applied",
      "compose files as applied",
      "openclaw.json as applied",
      "environment as applied",
      "container true false 0 healthy",
    ];
    expect(await look("status", {}, shell)).toEqual(asApplied);
    expect(await look("plan", {}, shell)).toEqual(asApplied);
  });

  test("before the first apply: what it would change, by name", async () => {
    machine.start();
    const lines = await look("plan", {}, shell);
    expect(lines).toEqual([
      `not managed: dev/vps1 in ${machine.project}`,
      "note: models served by the stack under the same name: anthropic/claude-sonnet-4-6",
      "would change env: +AI_GATEWAY_WORKER_URL +AI_GATEWAY_AUTH_TOKEN +COMPOSE_FILE sealed: ANTHROPIC_API_KEY OPENAI_API_KEY GEMINI_API_KEY",
      "would change override: +docker-compose.ai-gateway.yml",
      expect.stringMatching(
        /^would change openclaw\.json: .*models\.providers\.anthropic\.baseUrl.* and \d+ more$/,
      ),
      "would restart: openclaw-gateway gets up to 5 s to finish its turns",
    ]);
  });
});

test("before the first apply: who serves each model that the host refers to, also when the apply would be refused", async () => {
  machine.start();
  const model = { primary: "anthropic/claude-sonnet-4-6", fallbacks: ["groq/a", "ollama/b", "fireworks/c"] };
  const config = {
    agents: { defaults: { model } },
    env: { vars: { FIREWORKS_API_KEY: KEYS.OPENAI_API_KEY } },
  };
  machine.write("state/openclaw.json", JSON.stringify(config));
  const change = { "provider-ids": '{"groq":"cf-groq"}' };
  const { code, output } = await machine.run("plan", { stdin: looking(change) });
  expect(code).toBe(1);
  expect(output.split("\n").slice(1, 5)).toEqual([
    "note: models served by the stack under the same name: anthropic/claude-sonnet-4-6",
    "note: agents.defaults.model.fallbacks.0: groq/a is served as cf-groq/a",
    "note: models left to the host's own providers: ollama/b",
    "error model_unserved: agents.defaults.model.fallbacks.2 of openclaw.json uses fireworks/c, whose provider's key is taken out",
  ]);
  const accepted = { ...change, "accept-unserved": '["fireworks/c"]' };
  expect(await look("plan", accepted)).toContain(
    "note: agents.defaults.model.fallbacks.2: fireworks/c is served no more, as accepted",
  );
  await apply(accepted);
  expect(await look("plan", accepted)).not.toContainEqual(expect.stringMatching(/^note: /));
});

test("a service that is stopped is not started, and not interrupted", async () => {
  expect(await look("plan")).toContain("would not restart: openclaw-gateway is stopped, and stays so");
  await apply();
  expect(await look("plan")).toContain(
    "the service is stopped: its environment and our part of openclaw.json were not compared",
  );
});

/** As far as comments go. */
const JSON5_TEXT = String.raw`exports.parse = (text) =>
  JSON.parse(text.replace(/("(?:\\.|[^"\\])*")|\/\/.*|\/\*[^]*?\*\//g, (_, string) => string ?? ""));`;

test("a plan counts the comments of openclaw.json that would be lost", async () => {
  machine.set(JSON5, JSON5_TEXT);
  machine.start();
  const config = machine.file("state/openclaw.json");
  expect(await look("plan")).not.toContainEqual(expect.stringMatching(/^would lose/));
  const [first, ...rest] = config.split("\n");
  machine.write(
    "state/openclaw.json",
    `// mine\n${first} /* here\ntoo */\n${rest.join("\n")}// "the end" // of it\n`,
  );
  expect(await look("plan")).toContain("would lose comments: 3");
});

test("status says that a service is stopped, whatever configuration the host has", async () => {
  expect(await look("status")).toEqual([
    `not managed: dev/vps1 in ${machine.project}`,
    "the service is stopped",
  ]);
  await apply();
  await machine.run("bypass");
  expect(await look("status")).toEqual(expect.arrayContaining(["the service is stopped"]));
});

test.each(["journal", "restoring"])("status says that a run did not end: %s", async (file) => {
  machine.start();
  await apply();
  machine.write(`.openclaw-ai-gateway/${file}`, "1\n");
  expect(await look("status")).toContainEqual(expect.stringMatching(/^an earlier run did not end/));
});

test("status notices that what was applied is not what it is asked about", async () => {
  machine.start();
  await apply({ generation: "2" });
  expect(await look("status")).toContainEqual(
    expect.stringMatching(/^the last apply here had another input than the state has/),
  );
  // The input of a guard knows of no generation.
  expect(await look("status", { generation: "" })).not.toContainEqual(expect.stringMatching(/input/));
});

describe("a changed input", () => {
  beforeEach(async () => {
    machine.start();
    await apply();
  });

  test("another token, another address, another model", async () => {
    expect(await look("plan", { generation: "2" })).toEqual(
      expect.arrayContaining([
        "would change env: ~AI_GATEWAY_AUTH_TOKEN",
        "would change override: ~docker-compose.ai-gateway.yml",
      ]),
    );
    expect(await look("plan", { "worker-url": "http://127.0.0.1:1" })).toContain(
      "would change env: ~AI_GATEWAY_WORKER_URL",
    );
    const patch = JSON.stringify({ agents: { defaults: { model: { primary: "openai/gpt-5" } } } });
    expect(await look("plan", { patch })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^would change openclaw\.json: ~agents\.defaults\.model\.primary, -models\.mode, .* and \d+ more$/,
        ),
        expect.stringContaining("would restart"),
      ]),
    );
  });

  test("one that has no effect there interrupts nothing, and nothing is said", async () => {
    expect((await look("plan", { drain: "6" })).filter((line) => line.startsWith("would"))).toEqual([]);
  });
});

describe("what somebody else changed", () => {
  beforeEach(async () => {
    machine.start();
    await apply();
  });

  test("an edit beside our part does not count", async () => {
    machine.write(".env", `${machine.file(".env")}MORE=1\n`);
    const config = JSON.parse(machine.file("state/openclaw.json"));
    machine.write("state/openclaw.json", JSON.stringify({ ...config, logging: { level: "debug" } }));
    expect(changed(await look("status"))).toEqual([]);
  });

  test("a line in .env: one of ours, or a key that was taken out", async () => {
    machine.write(".env", `${machine.file(".env")}COMPOSE_FILE=docker-compose.yml\nOPENAI_API_KEY=sk-new\n`);
    expect(changed(await look("status"))).toEqual(["env changed since: COMPOSE_FILE OPENAI_API_KEY"]);
    await apply({ epoch: "1" });
    expect(changed(await look("status"))).toEqual([]);
  });

  test("a place of ours in openclaw.json", async () => {
    const config = JSON.parse(machine.file("state/openclaw.json"));
    config.models.providers.anthropic.baseUrl = "https://api.anthropic.com";
    machine.write("state/openclaw.json", JSON.stringify(config));
    const lines = await look("plan");
    expect(changed(lines)).toEqual(["openclaw.json changed since: ~models.providers.anthropic.baseUrl"]);
    expect(lines).toContain("would change openclaw.json: ~models.providers.anthropic.baseUrl");
    await apply({ epoch: "1" });
    expect(changed(await look("status"))).toEqual([]);
  });

  test("the override", async () => {
    machine.write("docker-compose.ai-gateway.yml", '{"x-openclaw-ai-gateway":"dev/vps1","services":{}}');
    expect(changed(await look("status"))).toContain("override changed since: docker-compose.ai-gateway.yml");
    await apply({ epoch: "1" });
    expect(changed(await look("status"))).toEqual([]);
  });

  test("an override file of Compose's own that was added later", async () => {
    machine.write("docker-compose.override.yml", "services: { other: { environment: { A: b } } }");
    expect(changed(await look("status"))).toEqual([
      "compose files changed since: docker-compose.yml:docker-compose.override.yml",
    ]);
    await apply({ epoch: "1" });
    expect(changed(await look("status"))).toEqual([]);
    expect(machine.file(".env")).toContain(
      "docker-compose.yml:docker-compose.override.yml:docker-compose.ai",
    );
  });

  test("a container that was started without our file, as OpenClaw's own setup script does", async () => {
    machine.startWith("docker-compose.yml");
    expect(machine.serving()).toBe("new"); // its env_file is .env
    expect(changed(await look("status"))).toEqual([]);
    await machine.run("apply", { stdin: machine.stdin({ variables: "OPENAI_BASE_URL url" }) });
    machine.startWith("docker-compose.yml");
    expect(changed(await look("status", { variables: "OPENAI_BASE_URL url" }))).toEqual([
      "environment changed since: the container was started without docker-compose.ai-gateway.yml",
    ]);
    await apply({ epoch: "1", variables: "OPENAI_BASE_URL url" });
    expect(changed(await look("status"))).toEqual([]);
  });

  test("a container that was not created anew, and one that gets a key again", async () => {
    const ours = machine.file(".env");
    machine.write(".env", `${ours.replace(/^(AI_GATEWAY).*\n/gm, "")}OPENAI_API_KEY=sk-new-key-of-mine\n`);
    machine.startWith("docker-compose.yml");
    machine.write(".env", ours);
    expect(changed(await look("status"))).toEqual([
      "environment changed since: it holds OPENAI_API_KEY; the container was started without docker-compose.ai-gateway.yml",
    ]);
    await apply({ epoch: "1" });
    expect(changed(await look("status"))).toEqual([]);
  });
});

describe("an image that is not on the machine", () => {
  beforeEach(() => machine.set("no-image", ""));

  test("is said; no one-off container is started, which would pull or build it", async () => {
    expect(await look("plan")).toContainEqual(
      expect.stringMatching(/^error image_missing: .* openclaw:local, is not on this machine/),
    );
    expect((await machine.run("preflight")).output).toContain("error image_missing");
    expect(machine.dockerCalls()).not.toContain("compose run");
  });

  test("does not keep a service that runs from being looked at", async () => {
    machine.start();
    expect(await look("plan")).toContainEqual(expect.stringContaining("would restart"));
  });
});

test("a look pulls no image where the project says to pull always", async () => {
  const text = machine.file("docker-compose.yml");
  machine.write("docker-compose.yml", text.replace("image:", "pull_policy: always\n    image:"));
  await look("plan");
  expect(machine.dockerCalls()).toMatch(/compose run --name \S+ --pull never /);
});

test("a user who may not ask Docker is told so, unless sudo lets him", async () => {
  machine.start();
  await apply();
  machine.denyDocker();
  expect((await machine.run("status", { stdin: looking() })).output).toContain("error docker_unreachable");
  machine.allowSudo();
  expect(changed(await look("status"))).toEqual([]);
});
