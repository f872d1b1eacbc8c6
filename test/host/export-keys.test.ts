import { appendFileSync } from "node:fs";
import type { HostInput } from "../../infra/config/schema";
import { type HostKeys, keysRequest, planImport, readHostKeys } from "../../infra/key-import";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { AuthDatabase } from "./auth-database";
import { CONFIG, KEYS } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

const GROQ_KEY = `gsk_${"d4".repeat(26)}`;
const OPENROUTER_KEY = `sk-or-v1-${"e5".repeat(30)}`;
/** It has the shape of an OpenAI key. */
const MOONSHOT_KEY = `sk-${"M0on".repeat(12)}`;
const XAI_KEY = `xai-${"f6".repeat(40)}`;

async function read(
  shell: Shell = "dash",
  composeFiles?: string[],
): Promise<HostKeys & { output: string; code: number | null }> {
  const host = {
    name: "vps1",
    directory: machine.project,
    service: "openclaw-gateway",
    entry: "dist/index.js",
    composeFiles,
  } as HostInput;
  const { stdin, passPhrase } = keysRequest("dev", host);
  const { code, output } = await machine.run("export_keys", { stdin, shell });
  return { ...readHostKeys("vps1", output, passPhrase), output, code };
}

/** What was found, as `slug last-four place`. */
const summary = ({ keys }: HostKeys) =>
  keys.map(({ slug, value, place }) => `${slug} ${value.slice(-4)} ${place.replaceAll(machine.root, "")}`);

test("reads the compose files that the host is configured with, and no others", async () => {
  const environment = (name: string, key: string) =>
    machine.write(name, `services: { openclaw-gateway: { environment: { GROQ_API_KEY: "${key}" } } }\n`);
  environment("prod.yml", GROQ_KEY);
  environment("docker-compose.override.yml", `gsk_${"00".repeat(26)}`);
  const found = await read("dash", ["docker-compose.yml", "prod.yml"]);
  expect(found.code).toBe(0);
  expect(summary(found)).toContain(
    `groq ${GROQ_KEY.slice(-4)} environment of openclaw-gateway (GROQ_API_KEY)`,
  );
});

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test("finds the keys in every place that is known, sealed on the way, and changes nothing", async () => {
    machine.write("state/.env", `OPENROUTER_API_KEY=${OPENROUTER_KEY}\n`);
    machine.write(
      "state/openclaw.json",
      JSON.stringify({ models: { providers: { xai: { apiKey: XAI_KEY } } } }),
    );
    machine.write(
      "docker-compose.override.yml",
      `services: { openclaw-gateway: { environment: { GROQ_API_KEY: "${GROQ_KEY}" } } }\n`,
    );
    const before = machine.tree();
    const found = await read(shell);
    expect(found.code).toBe(0);
    expect(summary(found)).toEqual([
      `anthropic ${KEYS.ANTHROPIC_API_KEY.slice(-4)} .env (ANTHROPIC_API_KEY)`,
      `openai ${KEYS.OPENAI_API_KEY.slice(-4)} .env (OPENAI_API_KEY)`,
      `google-ai-studio ${KEYS.GEMINI_API_KEY.slice(-4)} .env (GEMINI_API_KEY)`,
      `groq ${GROQ_KEY.slice(-4)} environment of openclaw-gateway (GROQ_API_KEY)`,
      `openrouter ${OPENROUTER_KEY.slice(-4)} /openclaw project/state/.env (OPENROUTER_API_KEY)`,
      `grok ${XAI_KEY.slice(-4)} openclaw.json (models.providers.xai.apiKey)`,
    ]);
    expect(machine.tree()).toEqual(before);
    for (const key of [...Object.values(KEYS), GROQ_KEY, OPENROUTER_KEY, XAI_KEY])
      expect(found.output + machine.dockerCalls()).not.toContain(key);
  });
});

test("two keys of one provider are both told; what is no key of its provider is a note", async () => {
  appendFileSync(machine.envFile, `GOOGLE_API_KEY=AIza${"z".repeat(35)}\nGROQ_API_KEY=changeme\n`);
  const found = await read();
  expect(found.keys.filter(({ slug }) => slug === "google-ai-studio")).toHaveLength(2);
  expect(found.notes).toEqual(["what .env (GROQ_API_KEY) holds is no key of Groq"]);
});

describe("stored auth profiles", () => {
  const MISTRAL_KEY = `M1stral${"g7".repeat(13)}`;
  const profile = (provider: string, rest: object) => ({ type: "api_key", provider, ...rest });
  const database = "/openclaw project/state/state/openclaw.sqlite";
  /** Notes without the directory of this test, and what each says to do. */
  const notes = ({ notes }: HostKeys) =>
    notes.map((note) => note.replaceAll(machine.root, "").replace(/^note: auth profile /, ""));

  test("API keys are read in each store, sealed on the way; a key that is in .env too is told once", async () => {
    AuthDatabase.shared(machine).store({
      "anthropic:manual": profile("anthropic", { key: KEYS.ANTHROPIC_API_KEY }),
      "groq:work": profile("groq", { key: ` ${GROQ_KEY}\n` }),
    });
    AuthDatabase.ofAgent(machine, "main").store({
      "mistral:manual": profile("mistral", { key: MISTRAL_KEY }),
    });
    machine.write(
      "state/auth-profiles.json",
      JSON.stringify({ profiles: { "xai:old": { mode: "api_key", provider: "xai", apiKey: XAI_KEY } } }),
    );
    const before = machine.tree();
    const found = await read();
    expect(summary(found)).toEqual([
      `anthropic ${KEYS.ANTHROPIC_API_KEY.slice(-4)} .env (ANTHROPIC_API_KEY)`,
      `openai ${KEYS.OPENAI_API_KEY.slice(-4)} .env (OPENAI_API_KEY)`,
      `google-ai-studio ${KEYS.GEMINI_API_KEY.slice(-4)} .env (GEMINI_API_KEY)`,
      `groq ${GROQ_KEY.slice(-4)} auth profile groq:work (${database})`,
      `mistral ${MISTRAL_KEY.slice(-4)} auth profile mistral:manual (/openclaw project/state/agents/main/agent/openclaw-agent.sqlite)`,
      `grok ${XAI_KEY.slice(-4)} auth profile xai:old (/openclaw project/state/auth-profiles.json)`,
    ]);
    expect(found.notes).toEqual([]);
    expect(machine.tree()).toEqual(before);
    for (const key of [GROQ_KEY, MISTRAL_KEY, XAI_KEY])
      expect(found.output + machine.dockerCalls()).not.toContain(key);
  });

  test("another key than the one in .env makes two of that provider, each with its place", async () => {
    const other = `sk-ant-api03-${"z9".repeat(20)}`;
    AuthDatabase.shared(machine).store({ "anthropic:manual": profile("anthropic", { key: other }) });
    const found = await read();
    expect(planImport(found.keys, {}, false)).toMatchObject([
      {
        slug: "anthropic",
        action: "refuse",
        from: [
          { value: KEYS.ANTHROPIC_API_KEY, place: ".env (ANTHROPIC_API_KEY)" },
          {
            value: other,
            place: expect.stringMatching(/^auth profile anthropic:manual \(.*openclaw\.sqlite\)$/),
          },
        ],
      },
      { slug: "google-ai-studio", action: "take" },
      { slug: "openai", action: "take" },
    ]);
  });

  test("a variable that a profile refers to is read where it is set", async () => {
    appendFileSync(machine.envFile, `MY_ROUTER=${OPENROUTER_KEY}\n`);
    machine.write("state/.env", `MY_MISTRAL=${MISTRAL_KEY}\n`);
    AuthDatabase.shared(machine).store({
      "mistral:ref": profile("mistral", { keyRef: { source: "env", provider: "default", id: "MY_MISTRAL" } }),
      "xai:ref": profile("xai", { key: "$NOT_SET" }),
    });
    const found = await read();
    expect(summary(found).slice(3)).toEqual([
      `openrouter ${OPENROUTER_KEY.slice(-4)} .env (MY_ROUTER)`,
      `mistral ${MISTRAL_KEY.slice(-4)} auth profile mistral:ref (${database})`,
    ]);
    expect(notes(found)).toEqual([
      `xai:ref (${database}) is not read: it refers to NOT_SET, which is not set. ` +
        `To set a key by hand: npx pulumi config set --path --secret 'providers["grok"].apiKey'`,
    ]);
  });

  test("what cannot be moved is named with what to do, and its secret is not", async () => {
    const secret = `sk-ant-oat01-${"q4".repeat(30)}`;
    AuthDatabase.shared(machine).store({
      "anthropic:me": { type: "oauth", provider: "anthropic", access: secret, refresh: secret },
      "openrouter:token": { type: "token", provider: "openrouter", token: secret },
      "groq:file": profile("groq", { keyRef: { source: "file", provider: "vault", id: "/groq" } }),
      "xai:new": profile("xai", { key: XAI_KEY, setup: { modelRef: "xai/grok-4" } }),
      "moonshot:manual": profile("moonshot", { key: MOONSHOT_KEY }),
    });
    const found = await read();
    expect(found.keys).toHaveLength(3);
    expect(notes(found).map((note) => note.replace(/ To set a key by hand: .*/, ""))).toEqual([
      `anthropic:me (${database}) is not read: it is a log-in or a token of one, which is no API key and cannot be moved.`,
      `openrouter:token (${database}) is not read: it is a log-in or a token of one, which is no API key and cannot be moved.`,
      `groq:file (${database}) is not read: it refers to a key that is kept elsewhere (file /groq).`,
      `xai:new (${database}) is not read: it holds no API key that OpenClaw uses.`,
      `moonshot:manual (${database}) is not read: moonshot is no provider that a stack can have by name`,
    ]);
    expect(found.output).not.toContain(secret);
  });
});

test("a key in the entry of another vendor is nobody's of the table, whatever its shape", async () => {
  const providers = { moonshot: { apiKey: MOONSHOT_KEY } };
  machine.write("state/openclaw.json", JSON.stringify({ models: { providers } }));
  expect(summary(await read())).toHaveLength(3);
});

test("a host that is managed has no key to give; a bypassed one has", async () => {
  machine.start();
  await machine.run("apply");
  const managed = await read();
  expect(managed.keys).toEqual([]);
  expect(managed.notes).toEqual([expect.stringContaining("managed")]);
  await machine.run("bypass");
  expect((await read()).keys).toHaveLength(3);
});

test("another pass phrase does not open the answer", async () => {
  const { output } = await read();
  expect(() => readHostKeys("vps1", output, "another")).toThrow();
});

test("a key of a provider that the stack does not have stays where it is", async () => {
  const GROQ_LINE = `GROQ_API_KEY=${GROQ_KEY}\n`;
  const MOONSHOT_LINE = `MOONSHOT_API_KEY=${MOONSHOT_KEY}\n`;
  appendFileSync(machine.envFile, GROQ_LINE + MOONSHOT_LINE);
  const providers = { moonshot: { apiKey: MOONSHOT_KEY, baseUrl: "https://x", models: [] } };
  machine.write("state/openclaw.json", JSON.stringify({ ...JSON.parse(CONFIG), models: { providers } }));
  machine.start();
  const before = machine.tree();
  const enabled = LLM_PROVIDERS.filter(({ slug }) => slug !== "groq");
  const stdin = machine.stdin({
    names: enabled.flatMap((provider) => provider.keyEnvNames).join(" "),
    patterns: JSON.stringify(enabled.flatMap((provider) => provider.keyPattern?.source ?? [])),
    "other-names": "GROQ_API_KEY MOONSHOT_API_KEY",
  });
  const applied = await machine.run("apply", { stdin });
  expect(applied).toEqual({ code: 0, output: expect.stringContaining("applied") });
  expect(applied.output).toContain("MOONSHOT_API_KEY");
  expect(machine.file(".env")).toContain(GROQ_LINE);
  expect(machine.file(".env")).toContain(MOONSHOT_LINE);
  expect(machine.file(".env")).not.toContain(KEYS.OPENAI_API_KEY);
  expect(JSON.parse(machine.file("state/openclaw.json")).models.providers).toMatchObject(providers);
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});
