import { KEYS, SECRETS, TOKEN } from "./fixtures";
import { RUN_TOKEN } from "./gateway";
import { Machine, type Shell } from "./machine";

/** `access: direct`: the host calls the gateway itself, and keeps its provider keys where they are. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

function direct(verb: "apply" | "restore" | "preflight", shell: Shell = "dash") {
  return machine.run(verb, { shell, stdin: machine.directStdin() });
}

const reference = (name: string) => `\${${name}}`;

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("applies, finds nothing to do, and restores every byte, mode and owner", async () => {
    machine.start();
    const before = machine.tree();

    expect((await direct("preflight", shell)).code).toBe(0);
    expect(machine.tree()).toEqual(before);
    const applied = await direct("apply", shell);
    expect(applied).toEqual({ code: 0, output: expect.stringContaining("applied: dev/vps1") });
    expect(applied.output).toContain("0 lines of .env kept sealed");
    expect(machine.serving()).toBe("new");
    const during = machine.tree();
    expect((await direct("apply", shell)).output).toContain("unchanged: dev/vps1");
    expect(machine.tree()).toEqual(during);

    expect((await direct("restore", shell)).output).toContain("restored: dev/vps1");
    expect(machine.tree()).toEqual(before);
    expect(machine.serving()).toBe("own");
  });

  test("moves between the Worker and the gateway, in both directions", async () => {
    machine.start();
    const before = machine.tree();
    expect((await machine.run("apply", { shell })).code).toBe(0);
    expect(machine.file(".env")).not.toContain(KEYS.OPENAI_API_KEY);

    expect((await direct("apply", shell)).output).toContain("applied: dev/vps1");
    const env = machine.file(".env");
    for (const key of Object.values(KEYS)) expect(env).toContain(key);
    expect(env).toContain(`CLOUDFLARE_AIG_TOKEN=${RUN_TOKEN}\n`);
    const texts = [env, machine.file("docker-compose.ai-gateway.yml"), machine.file("state/openclaw.json")];
    for (const text of texts) expect(text).not.toMatch(/AI_GATEWAY_|ocg_/);
    expect(machine.serving()).toBe("new");

    expect((await machine.run("apply", { shell })).output).toContain("applied: dev/vps1");
    const back = Object.values(machine.tree()).join("\n");
    for (const secret of [...Object.values(KEYS), RUN_TOKEN]) expect(back).not.toContain(secret);
    expect(machine.file(".env")).toContain(`AI_GATEWAY_AUTH_TOKEN=${TOKEN}\n`);

    expect((await direct("apply", shell)).code).toBe(0);
    expect((await direct("restore", shell)).code).toBe(0);
    expect(machine.tree()).toEqual(before);
  });
});

describe("a look, which is sent no secret", () => {
  const plan = async () => {
    const stdin = machine.directStdin({ seal: "", token: "", generation: "1" });
    return (await machine.run("plan", { stdin })).output.split("\n");
  };
  const told = (lines: readonly string[]) => lines.filter((line) => /would|changed since/.test(line));

  test("has nothing to say of a host that is as applied, also when it has not every key", async () => {
    machine.start();
    await machine.run("apply", { stdin: machine.directStdin({ generation: "1" }) });
    const lines = await plan();
    expect(lines).toContain("openclaw.json as applied");
    expect(lines).toContain("environment as applied");
    expect(told(lines)).toEqual([]);
  });

  test("says what a change of access would do, by name", async () => {
    machine.start();
    await machine.run("apply", { stdin: machine.stdin({ generation: "1" }) });
    const lines = told(await plan());
    expect(lines[0]).toMatch(/^would change env: ~CLOUDFLARE_AIG_TOKEN/);
    expect(lines).toContain("would change override: ~docker-compose.ai-gateway.yml");
    expect(lines.join()).toContain("would change openclaw.json: ");
  });
});

test("restored as one that calls the gateway itself, while it still is behind the Worker", async () => {
  machine.start();
  const before = machine.tree();
  await machine.run("apply");
  // The engine has told the state of the change; the change itself failed.
  expect((await direct("restore")).code).toBe(0);
  expect(machine.tree()).toEqual(before);
});

test("an entry whose key the host does not have is left out, and its models keep their name", async () => {
  const config = {
    ...JSON.parse(machine.file("state/openclaw.json")),
    tools: { a: "groq/a", m: "mistral/m" },
  };
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write(".env", `${machine.file(".env")}MISTRAL_API_KEY=${"k".repeat(32)}\n`);
  machine.start();
  const ids = '{"groq":"cf-groq","mistral":"cf-mistral"}';
  const { output } = await machine.run("apply", { stdin: machine.directStdin({ "provider-ids": ids }) });
  expect(output).toContain("note: cf-groq is left out on this host: GROQ_API_KEY is not set");
  expect(output).not.toContain("cf-mistral is left out");
  const { tools, models } = JSON.parse(machine.file("state/openclaw.json"));
  expect(tools).toEqual({ a: "groq/a", m: "cf-mistral/m" });
  expect(Object.keys(models.providers)).toEqual(expect.arrayContaining(["cf-mistral", "cf-workers-ai"]));
  expect(models.providers).not.toHaveProperty("cf-groq");
});

test("what is written: the run token, a gateway address and header for each provider, and every key stays", async () => {
  machine.start();
  const config = JSON.parse(machine.file("state/openclaw.json"));
  config.models.providers.openai = {
    baseUrl: "https://api.openai.com/v1",
    apiKey: KEYS.OPENAI_API_KEY,
    models: [],
  };
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write("state/.env", `ANTHROPIC_API_KEY=${KEYS.ANTHROPIC_API_KEY}\n`);
  const original = machine.file(".env");

  expect((await direct("apply")).code).toBe(0);

  expect(machine.file(".env")).toBe(
    [
      `${original}# >>> openclaw-ai-gateway dev/vps1 nl=1 written by pulumi up, taken out by pulumi destroy`,
      `CLOUDFLARE_AIG_TOKEN=${RUN_TOKEN}`,
      "COMPOSE_FILE=docker-compose.yml:docker-compose.ai-gateway.yml",
      "# <<< openclaw-ai-gateway dev/vps1",
      "",
    ].join("\n"),
  );
  const { services } = JSON.parse(machine.file("docker-compose.ai-gateway.yml"));
  expect(services["openclaw-gateway"]).toEqual({ environment: { CLOUDFLARE_AIG_TOKEN: RUN_TOKEN } });
  const { models, auth } = JSON.parse(machine.file("state/openclaw.json"));
  const headers = {
    "cf-aig-authorization": `Bearer ${reference("CLOUDFLARE_AIG_TOKEN")}`,
    "cf-aig-metadata": '{"host":"vps1"}',
  };
  expect(models.providers.anthropic).toEqual({
    baseUrl: `${machine.gatewayUrl}/anthropic`,
    api: "anthropic-messages",
    models: [{ id: "own", name: "Own" }],
    headers,
  });
  expect(models.providers.openai).toMatchObject({ apiKey: KEYS.OPENAI_API_KEY, headers });
  expect(auth).toBeUndefined();
});

test("a set-up by hand gives way, and comes back: its token, addresses and copies", async () => {
  const config = JSON.parse(machine.file("state/openclaw.json"));
  const byHand = {
    baseUrl: "https://gateway.ai.cloudflare.com/v1/a/g/openrouter",
    headers: { "cf-aig-authorization": `Bearer ${reference("CLOUDFLARE_AIG_TOKEN")}` },
    models: [],
  };
  config.models.providers.openrouter = byHand;
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write("state/openclaw.json.before-gateway", JSON.stringify({ byHand }));
  machine.write(".env", `CLOUDFLARE_AIG_TOKEN=operators-own-token\n${machine.file(".env")}`);
  machine.start();
  const before = machine.tree();

  expect((await direct("apply")).output).toContain("1 lines of .env kept sealed");
  expect(machine.file(".env")).not.toContain("operators-own-token");
  const { providers } = JSON.parse(machine.file("state/openclaw.json")).models;
  expect(providers.openrouter.baseUrl).toBe(`${machine.gatewayUrl}/openrouter/v1`);

  await direct("restore");
  expect(machine.tree()).toEqual(before);
});

test("an edit in between is kept; a value that needs our token is not", async () => {
  machine.start();
  await direct("apply");
  const config = JSON.parse(machine.file("state/openclaw.json"));
  config.ui = { theme: "dark" };
  config.models.providers.openai.timeoutSeconds = 30;
  machine.write("state/openclaw.json", JSON.stringify(config));
  machine.write(".env", `${machine.file(".env")}EXTRA=1\n`);

  expect((await direct("apply")).code).toBe(0);
  await direct("restore");

  const { ui, models } = JSON.parse(machine.file("state/openclaw.json"));
  expect(ui).toEqual({ theme: "dark" });
  expect(models.providers).toEqual({
    anthropic: expect.not.objectContaining({ headers: expect.anything() }),
  });
  expect(machine.file(".env")).toMatch(/^EXTRA=1$/m);
  expect(machine.file(".env")).not.toContain("CLOUDFLARE_AIG_TOKEN");
});

test("a gateway that does not take the token is refused before the first write", async () => {
  machine.start();
  machine.workerNotReady = 1e9;
  machine.patience = 3;
  const before = machine.tree();
  const { code, output } = await direct("apply");
  expect({ code, output }).toEqual({
    code: 1,
    output: expect.stringMatching(/error gateway_not_ready: .* it refuses the run token \(2009\)/),
  });
  expect(output).not.toContain(RUN_TOKEN);
  expect(machine.tree()).toEqual(before);
});

test("a gateway that takes it a little later is waited for", async () => {
  machine.start();
  machine.workerNotReady = 1;
  expect((await direct("apply")).code).toBe(0);
});

test("a turn that fails is undone, and its text shows no token and no key", async () => {
  machine.start();
  machine.behave({ turn: "fail" });
  const before = machine.tree();
  const { code, output } = await direct("apply");
  expect({ code, output }).toEqual({
    code: 1,
    output: expect.stringMatching(/error model_unanswered: .* through the gateway/),
  });
  expect(output).toContain("the previous configuration is back");
  for (const secret of SECRETS) expect(output).not.toContain(secret);
  expect(machine.tree()).toEqual(before);
  expect(machine.serving()).toBe("own");
});

test("killed at any step, the next apply finishes and restore gives everything back", async () => {
  machine.start();
  const before = machine.tree();
  for (const step of [9, 19, 30]) {
    machine.steps.killAt(step);
    await direct("apply");
    machine.steps.letRun();
    const serving = machine.serving();
    const isOurs = machine.file("state/openclaw.json").includes("{CLOUDFLARE_AIG_TOKEN}");
    if (serving !== "nothing")
      expect({ step, serving, isOurs }).toEqual({ step, serving, isOurs: serving === "new" });
    expect((await direct("apply")).code).toBe(0);
    expect(machine.serving()).toBe("new");
    expect((await direct("restore")).code).toBe(0);
    expect(machine.tree()).toEqual(before);
  }
});
