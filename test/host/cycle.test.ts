import { CONFIG, KEYS, SECRETS, TOKEN, UNSERVED } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("applies, finds nothing to do, and restores every byte, mode and owner", async () => {
    machine.start();
    const before = machine.tree();

    const applied = await machine.run("apply", { shell });
    expect(applied).toEqual({ code: 0, output: expect.stringContaining("applied: dev/vps1") });
    expect(machine.serving()).toBe("new");
    const during = machine.tree();

    const again = await machine.run("apply", { shell });
    expect(again).toEqual({ code: 0, output: expect.stringContaining("unchanged: dev/vps1") });
    expect(machine.tree()).toEqual(during);
    expect(machine.starts()).toEqual(["openclaw-gateway c1 own", "openclaw-gateway c2 new"]);

    const restored = await machine.run("restore", { shell });
    expect(restored).toEqual({ code: 0, output: expect.stringContaining("restored: dev/vps1") });
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");

    const nothing = await machine.run("restore", { shell });
    expect(nothing).toEqual({ code: 0, output: expect.stringContaining("nothing to restore") });
    for (const secret of SECRETS) {
      expect(applied.output + again.output + restored.output + machine.dockerCalls()).not.toContain(secret);
    }
  });
});

test("works the same where flock and setsid are missing, four at once too", async () => {
  machine.hide("flock", "setsid");
  machine.start();
  const before = machine.tree();
  const results = await Promise.all([1, 2, 3, 4].map(() => machine.run("apply")));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(results.filter(({ output }) => output.includes("applied: "))).toHaveLength(1);
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("without openssl nothing is done: the keys could not be sealed", async () => {
  machine.hide("openssl");
  const before = machine.tree();
  const { code, output } = await machine.run("apply");
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("openssl") });
  expect(machine.tree()).toEqual(before);
});

test("leaves no provider key in any file, and the token only where it is needed", async () => {
  machine.start();
  await machine.run("apply");
  const files = Object.entries(machine.tree());
  for (const key of Object.values(KEYS)) expect(files.filter(([, text]) => text.includes(key))).toEqual([]);
  expect(files.filter(([, text]) => text.includes(TOKEN)).map(([path]) => path)).toEqual([
    ".env",
    "docker-compose.ai-gateway.yml",
  ]);
});

test("writes a block, numbered comments, an override for all services that share the configuration", async () => {
  machine.start();
  await machine.run("apply");
  expect(machine.file(".env").split("\n").slice(3)).toEqual([
    "# openclaw-ai-gateway dev/vps1: ANTHROPIC_API_KEY is kept aside (1)",
    "# openclaw-ai-gateway dev/vps1: OPENAI_API_KEY is kept aside (2)",
    "# openclaw-ai-gateway dev/vps1: GEMINI_API_KEY is kept aside (3)",
    "TZ=UTC",
    "# >>> openclaw-ai-gateway dev/vps1 nl=1 written by pulumi up, taken out by pulumi destroy",
    `AI_GATEWAY_WORKER_URL=${machine.url}`,
    `AI_GATEWAY_AUTH_TOKEN=${TOKEN}`,
    "COMPOSE_FILE=docker-compose.yml:docker-compose.ai-gateway.yml",
    "# <<< openclaw-ai-gateway dev/vps1",
    "",
  ]);
  const environment = { AI_GATEWAY_WORKER_URL: machine.url, AI_GATEWAY_AUTH_TOKEN: TOKEN };
  expect(JSON.parse(machine.file("docker-compose.ai-gateway.yml"))).toEqual({
    "x-openclaw-ai-gateway": "dev/vps1",
    services: { "openclaw-gateway": { environment }, "openclaw-cli": { environment } },
  });
  expect(machine.tree()[".env"]?.split(" ")[0]).toBe("100600");
  expect(machine.tree()["docker-compose.ai-gateway.yml"]?.split(" ")[0]).toBe("100600");
  expect(machine.tree()[".openclaw-ai-gateway"]?.split(" ")[0]).toBe("40700");
});

test("changes only its own paths in openclaw.json and keeps the operator's models", async () => {
  await machine.run("apply");
  const config = JSON.parse(machine.file("state/openclaw.json"));
  expect(config.models.providers.anthropic).toMatchObject({
    baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/anthropic`,
    apiKey: reference("AI_GATEWAY_AUTH_TOKEN"),
    models: [{ id: "own", name: "Own" }],
  });
  expect(config.agents).toEqual(JSON.parse(CONFIG).agents);
});

test("leaves a stopped service stopped, both ways", async () => {
  const before = machine.tree();
  expect((await machine.run("apply")).output).toContain("service left stopped");
  expect((await machine.run("restore")).code).toBe(0);
  expect(machine.starts()).toEqual([]);
  expect(machine.tree()).toEqual(before);
});

test("lets a stopped OpenClaw read the restored configuration before its .bak is back", async () => {
  machine.write("state/openclaw.json.bak", "{}");
  const before = machine.tree();
  await machine.run("apply");
  expect(machine.tree()).not.toHaveProperty("state/openclaw.json.bak");
  await machine.run("restore");
  expect(machine.observed()).toBe(CONFIG);
  expect(machine.tree()).toEqual(before);
});

test("takes over a new token and a changed patch in place, and still restores the first original", async () => {
  machine.start();
  const before = machine.tree();
  await machine.run("apply");
  const patch = JSON.stringify({
    models: { providers: { openai: { baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/openai/v1` } } },
  });
  const changed = await machine.run("apply", { stdin: machine.stdin({ patch, ...UNSERVED }) });
  expect(changed.output).toContain("applied: dev/vps1");
  const config = JSON.parse(machine.file("state/openclaw.json"));
  expect(config.models.providers).toEqual({
    ...JSON.parse(CONFIG).models.providers,
    openai: { baseUrl: `${reference("AI_GATEWAY_WORKER_URL")}/openai/v1` },
  });
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

test("starts a container again that was made without our file", async () => {
  machine.start();
  await machine.run("apply");
  const ours = machine.file(".env");
  machine.write(".env", ours.replace(/^(COMPOSE_FILE|AI_GATEWAY).*\n/gm, ""), 0o600);
  machine.start();
  expect(machine.serving()).toBe("own");
  machine.write(".env", ours, 0o600);
  expect((await machine.run("apply")).output).toContain("in place: dev/vps1");
  expect(machine.serving()).toBe("new");
});

/** How `openclaw.json` refers to a variable. */
function reference(name: string): string {
  return `\${${name}}`;
}
