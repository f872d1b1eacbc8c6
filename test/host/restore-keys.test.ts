import { appendFileSync } from "node:fs";
import type { HostPayload } from "../../infra/host/payload";
import { restoreKeys } from "../../infra/host/restore-keys";
import { llmProvider } from "../../infra/llm-providers";
import { AuthDatabase } from "./auth-database";
import { done } from "./expectations";
import { KEYS } from "./fixtures";
import { Machine } from "./machine";

/** What `restore.keys: stack` and `bypass --keys stack` write beside `.env` and `openclaw.json`, and what they leave. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
});
afterEach(() => machine.remove());

const NEW = {
  anthropic: `sk-ant-api03-${"n3".repeat(20)}`,
  openai: `sk-proj-${"n4".repeat(20)}`,
  mistral: `N5${"n5".repeat(15)}`,
};

/** The input of a run with the stack's keys of these providers. */
function input(slugs: readonly (keyof typeof NEW)[], rest: Partial<HostPayload> = {}): { stdin: string } {
  const keys = slugs.map((slug) => {
    const provider = llmProvider(slug);
    if (provider === undefined) throw new Error(`${slug} is not in the table`);
    return { provider, key: NEW[slug] };
  });
  return { stdin: machine.stdin({ ...rest, "restore-keys": restoreKeys(keys) }) };
}

describe("stored auth profiles", () => {
  const OLD_MISTRAL = `M1stral${"g7".repeat(13)}`;
  const ALLOWED = {
    "allow-keys": '["profile:anthropic:manual","profile:openai:manual","profile:openai:me"]',
  };
  const anthropic = { type: "api_key", provider: "anthropic", key: KEYS.ANTHROPIC_API_KEY, email: "a@b.c" };
  const openai = { type: "api_key", provider: "openai", key: KEYS.OPENAI_API_KEY };
  const login = {
    type: "oauth",
    provider: "openai",
    access: "eyJ",
    refresh: "r",
    expires: 1_900_000_000_000,
  };
  const mistral = { type: "api_key", provider: "mistral", key: OLD_MISTRAL };
  let shared: AuthDatabase;
  let agents: AuthDatabase;

  beforeEach(async () => {
    shared = AuthDatabase.shared(machine);
    shared.store({ "anthropic:manual": anthropic, "openai:manual": openai, "openai:me": login });
    agents = AuthDatabase.ofAgent(machine, "main");
    agents.store({ "mistral:manual": mistral });
    expect(await machine.run("apply", { stdin: machine.stdin(ALLOWED) })).toEqual(done("applied"));
  });

  test("destroy puts the stack's keys in place of the old ones; all else in the stores stays", async () => {
    const result = await machine.run("restore", input(["anthropic", "mistral"], ALLOWED));
    expect(result).toEqual(done("with a key of the stack in auth profile anthropic:manual"));
    expect(result.output).toContain("with a key of the stack in auth profile mistral:manual");
    expect(shared.profiles()).toEqual({
      "anthropic:manual": { ...anthropic, key: NEW.anthropic },
      "openai:manual": openai,
      "openai:me": login,
    });
    expect(agents.profiles()).toEqual({ "mistral:manual": { ...mistral, key: NEW.mistral } });
    for (const key of [...Object.values(NEW), ...Object.values(KEYS), OLD_MISTRAL])
      expect(result.output + machine.dockerCalls()).not.toContain(key);
  });

  test("without restore.keys they are as they were", async () => {
    await machine.run("restore", { stdin: machine.stdin(ALLOWED) });
    expect(shared.profiles()).toMatchObject({ "anthropic:manual": anthropic });
  });

  test("a bypass writes them too, once, and they stay through its end and a destroy", async () => {
    const withKeys = input(["anthropic"], ALLOWED);
    expect(await machine.run("bypass", withKeys)).toEqual(done("auth profile anthropic:manual"));
    expect(await machine.run("bypass", withKeys)).toEqual(done("bypassed already"));
    await machine.run("bypass_end", { stdin: machine.stdin(ALLOWED) });
    await machine.run("restore", { stdin: machine.stdin(ALLOWED) });
    expect(shared.profiles()).toMatchObject({ "anthropic:manual": { key: NEW.anthropic } });
  });

  test("a store that cannot be written is a warning: the host's files are back all the same", async () => {
    shared.refuseWrites();
    const result = await machine.run("restore", input(["anthropic"], ALLOWED));
    expect(result).toEqual(done("warning: the auth profiles have their old keys"));
    expect(machine.file(".env")).toContain(NEW.anthropic);
    expect(machine.serving()).toBe("own");
  });
});

test("a key of a provider that the stack does not have stays, also where it looks like one of OpenAI's", async () => {
  const key = `sk-${"M0on".repeat(12)}`;
  appendFileSync(machine.envFile, `MOONSHOT_API_KEY=${key}\n`);
  const others = { "other-names": "MOONSHOT_API_KEY" };
  await machine.run("apply", { stdin: machine.stdin(others) });
  expect(await machine.run("restore", input(["openai"], others))).toEqual(done("in OPENAI_API_KEY"));
  expect(machine.file(".env")).toContain(`MOONSHOT_API_KEY=${key}`);
  expect(machine.file(".env")).toContain(`OPENAI_API_KEY=${NEW.openai}`);
});
