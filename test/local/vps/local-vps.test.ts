import { existsSync } from "node:fs";
import { PassThrough } from "node:stream";
import { Client } from "ssh2";
import { createLocalVps, diffSnapshots, type FileSnapshot, type LocalVps } from "../../../scripts/local/vps";
import { prepareVps, type VpsToolchain } from "../../../scripts/setup";
import { Progress } from "../../../scripts/setup/progress";
import { type FakeAnthropic, startFakeAnthropic } from "./fake-anthropic";

const KEYS = {
  anthropic: `sk-ant-api03-${"a".repeat(80)}AA`,
  openai: `sk-proj-${"b".repeat(48)}`,
  "google-ai-studio": `AIza${"c".repeat(35)}`,
  openrouter: `sk-or-v1-${"d".repeat(64)}`,
};
const KEY_NAMES = ["ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY"];

let toolchain: VpsToolchain;
let anthropic: FakeAnthropic;
let vps: LocalVps;
let written: FileSnapshot;

// The first run on a machine prepares everything; a start of OpenClaw takes 20 s on two idle cores.
jest.setTimeout(900_000);

beforeAll(async () => {
  toolchain = await prepareVps(new Progress(new PassThrough().resume()));
  anthropic = await startFakeAnthropic();
  vps = await createLocalVps({ name: "test", toolchain, providersUrl: anthropic.url, providerKeys: KEYS });
  written = await vps.snapshot();
  await vps.start();
});

afterAll(async () => {
  await vps?.stop();
  await anthropic?.close();
  await toolchain?.close();
});

test("OpenClaw answers through the provider's own path with the key from .env", async () => {
  const answer = await vps.ask("ping");
  expect(answer).toMatchObject({ ok: true, text: "pong" });
  expect(anthropic.requests.at(-1)).toEqual({
    path: "/anthropic/v1/messages",
    key: KEYS.anthropic,
    model: "claude-sonnet-4-6",
  });
});

test("a turn on another model uses that model", async () => {
  expect((await vps.ask("ping", "anthropic/claude-opus-4-6")).ok).toBe(true);
  expect(anthropic.requests.at(-1)?.model).toBe("claude-opus-4-6");
});

test("a turn on a provider that cannot be reached fails with OpenClaw's message", async () => {
  const answer = await vps.ask("ping", "nobody/nothing");
  expect(answer.ok).toBe(false);
  expect(answer.text).toMatch(/nobody/);
});

test("OpenClaw leaves the operator's files alone while it runs", async () => {
  expect(diffSnapshots(written, await vps.snapshot())).toEqual([]);
});

test("every place with a provider key is found, and none with another needle", async () => {
  const places = await vps.findSecrets(Object.values(KEYS));
  expect(places.filter((place) => place.startsWith(".env")).sort()).toEqual(
    KEY_NAMES.map((name) => `.env (${name})`),
  );
  expect(places.filter((place) => place.startsWith("container")).sort()).toEqual(
    KEY_NAMES.map((name) => `container (${name})`),
  );
  expect(await vps.findSecrets(["ocg_none"])).toEqual([]);
});

test("the container's environment is the operator's .env", async () => {
  expect(await vps.containerEnvironment()).toMatchObject({
    OPENAI_API_KEY: KEYS.openai,
    HOME: "/home/node",
  });
});

test("log-in with the client key reaches the Compose project; the host key is the one to pin", async () => {
  const { output, hostKey } = await overSsh(vps, `cd '${vps.directory}' && docker compose ps --services`);
  expect(output.trim()).toBe("openclaw-gateway");
  expect(hostKey).toBe(vps.hostKey);
});

test("stop leaves no container, no directory and no server", async () => {
  const other = await createLocalVps({
    name: "gone",
    toolchain,
    providersUrl: anthropic.url,
    providerKeys: KEYS,
  });
  const created = await other.compose(["create", "openclaw-gateway"]);
  expect(created.exitCode).toBe(0);
  expect(await other.containerEnvironment()).toHaveProperty("ANTHROPIC_API_KEY");

  await other.stop();

  expect(existsSync(other.directory)).toBe(false);
  expect(await other.containerEnvironment()).toEqual({});
  await expect(overSsh(other, "true")).rejects.toThrow("ECONNREFUSED");
  expect((await vps.compose(["ps", "--services"])).stdout.trim()).toBe("openclaw-gateway");
});

function overSsh(host: LocalVps, command: string): Promise<{ output: string; hostKey: string }> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let hostKey = "";
    client.on("error", reject).on("ready", () =>
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let output = "";
        channel.on("data", (chunk: Buffer) => {
          output += chunk.toString("utf8");
        });
        channel.stderr.on("data", (chunk: Buffer) => {
          output += chunk.toString("utf8");
        });
        channel.on("close", () => {
          client.end();
          resolve({ output, hostKey });
        });
      }),
    );
    client.connect({
      host: host.address,
      port: host.port,
      username: host.user,
      privateKey: host.privateKey,
      hostVerifier: (key: Buffer) => {
        hostKey = `ssh-ed25519 ${key.toString("base64")}`;
        return true;
      },
      algorithms: { serverHostKey: ["ssh-ed25519"] },
    });
  });
}
