import { appendFileSync } from "node:fs";
import type { HostInput } from "../../infra/config/schema";
import { type HostKeys, keysRequest, readHostKeys } from "../../infra/key-import";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import { KEYS } from "./fixtures";
import { Machine, type Shell } from "./machine";

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

const GROQ_KEY = `gsk_${"d4".repeat(26)}`;
const OPENROUTER_KEY = `sk-or-v1-${"e5".repeat(30)}`;
const XAI_KEY = `xai-${"f6".repeat(40)}`;

async function read(shell: Shell = "dash"): Promise<HostKeys & { output: string; code: number | null }> {
  const host = {
    name: "vps1",
    directory: machine.project,
    service: "openclaw-gateway",
    entry: "dist/index.js",
  } as HostInput;
  const { stdin, passPhrase } = keysRequest("dev", host);
  const { code, output } = await machine.run("export_keys", { stdin, shell });
  return { ...readHostKeys("vps1", output, passPhrase), output, code };
}

/** What was found, as `slug last-four place`. */
const summary = ({ keys }: HostKeys) =>
  keys.map(({ slug, value, place }) => `${slug} ${value.slice(-4)} ${place.replaceAll(machine.root, "")}`);

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
  const MOONSHOT_LINE = `MOONSHOT_API_KEY=sk-${"M0on".repeat(12)}\n`;
  appendFileSync(machine.envFile, GROQ_LINE + MOONSHOT_LINE);
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
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});
