import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyCheckout } from "../../scripts/lib/checkout-copy";
import { type Finished, run } from "../../scripts/lib/run";
import { type LocalCloudflare, startLocalCloudflare } from "../../scripts/local/cloudflare";
import { LOCAL_PROVIDER_KEYS } from "../../scripts/local/cloudflare/defaults";
import { ed25519Pair, type ScriptedHost, startScriptedHost } from "../../scripts/local/vps/scripted-host";
import type { Toolchain } from "../../scripts/setup";
import { commandBlocks, DOCUMENTS } from "../unit/repository/documents";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * What README and docs tell an operator to type, typed: on one stack, in a copy of the checkout, against the local
 * Cloudflare and a host that notes what it is asked to do. README first, the block marked `last` at the end.
 */

const MINUTE = 60_000;
const blocks = [...new Set(["README.md", ...DOCUMENTS])].flatMap(commandBlocks);

let tools: Toolchain;
let cloudflare: LocalCloudflare;
let host: ScriptedHost;
const hostRan: string[] = [];
let checkout: string;
/** Pulumi's home and backend, pass phrase and the SSH key: what an operator has outside of the checkout. */
let home: string;

beforeAll(async () => {
  tools = await toolchain();
  cloudflare = await startLocalCloudflare({ providerKeys: LOCAL_PROVIDER_KEYS });
  host = await startScriptedHost("vps1", async ({ verb }) => {
    if (verb !== "plan") hostRan.push(verb);
    return { code: 0, output: "" };
  });
  checkout = copyCheckout();
  home = mkdtempSync(join(tmpdir(), "openclaw-operator-"));
  for (const directory of ["pulumi", "state"]) mkdirSync(join(home, directory));
  // The engine, without the stacks that others have selected in it.
  for (const name of readdirSync(tools.engine.pulumiHome).filter((name) =>
    /^(bin|plugins|versions)$/.test(name),
  )) {
    symlinkSync(join(tools.engine.pulumiHome, name), join(home, "pulumi", name));
  }
  writeFileSync(join(home, "passphrase"), randomBytes(24).toString("base64url"), { mode: 0o600 });
  writeFileSync(join(home, "id_ed25519"), ed25519Pair().private, { mode: 0o600 });
}, 40 * MINUTE);

afterAll(async () => {
  await host?.close();
  await cloudflare?.close();
  await tools?.close();
  for (const directory of [checkout, home])
    if (directory) rmSync(directory, { recursive: true, force: true });
}, MINUTE);

for (const { document, line, commands, run: when } of blocks) {
  if (when === "run") step(`${document}:${line}`, () => type(commands));
}

step("by then the stack is up, and the host was set up once and left alone since", async () => {
  expect(cloudflare.objects().scripts.map(({ name }) => name)).toEqual(["openclaw-prod"]);
  expect(hostRan.filter((verb) => verb === "apply")).toHaveLength(1);
});

for (const { document, line, commands, run: when } of blocks) {
  if (when === "last") step(`${document}:${line}, at the end`, () => type(commands));
}

step("by then the host is restored, and only what was to be kept is left", async () => {
  expect(hostRan.at(-1)).toBe("restore");
  const { scripts, gateways, tokens } = cloudflare.objects();
  expect({ scripts, tokens }).toEqual({ scripts: [], tokens: [] });
  expect(gateways.map(({ id }) => id)).toEqual(["openclaw-prod"]);
});

test("most of what can be run is run", () => {
  expect(blocks.filter(({ run: when }) => when === "run").length).toBeGreaterThanOrEqual(9);
  expect(blocks.filter(({ run: when }) => when === "last")).toHaveLength(1);
});

/** Types the lines of a block; secrets are typed when they are asked for. */
async function type(commands: string): Promise<void> {
  for (const command of commands.replaceAll("\\\n", " ").split("\n").filter(Boolean)) {
    succeeded(command, await shell(localized(command), secretFor(command)));
    if (command.includes("stack init")) await pointAtLocalTarget();
  }
}

/** What an operator replaces, replaced. */
function localized(command: string): string {
  return command
    .replace("<account-id>", cloudflare.accountId)
    .replace(/(ssh-keyscan .*)vps\.example\.com/, `$1-p ${host.port} 127.0.0.1`)
    .replace("vps.example.com", "127.0.0.1")
    .replace("ssh-ed25519 AAAA…", host.hostKey)
    .replace("~/.ssh/id_ed25519", join(home, "id_ed25519"));
}

function secretFor(command: string): string | undefined {
  const [, slug] = /providers(?:\.|\[")([a-z-]+)(?:"\])?\.apiKey/.exec(command) ?? [];
  if (slug !== undefined) return LOCAL_PROVIDER_KEYS[slug as keyof typeof LOCAL_PROVIDER_KEYS];
  return command.includes("cloudflare:apiToken") ? cloudflare.apiToken : undefined;
}

/** What only the local target needs. */
async function pointAtLocalTarget(): Promise<void> {
  const settings = {
    "cloudflare:baseUrl": cloudflare.apiUrl,
    "gateway.url": cloudflare.gatewayUrl,
    "worker.url": cloudflare.workerUrl("openclaw-prod"),
    "hosts[0].port": host.port,
    "runToken.drainSeconds": 1,
  };
  for (const [key, value] of Object.entries(settings)) {
    const path = key.startsWith("cloudflare:") ? "" : "--path";
    const command = `npx pulumi config set ${path} '${key}' '${value}'`;
    succeeded(command, await shell(command, undefined));
  }
}

function shell(command: string, input: string | undefined): Promise<Finished> {
  const { CLOUDFLARE_API_TOKEN: _token, SSH_AUTH_SOCK: _agent, ...inherited } = process.env;
  return run("bash", ["-c", command], {
    cwd: checkout,
    env: {
      ...inherited,
      ...tools.engine.env(),
      PULUMI_HOME: join(home, "pulumi"),
      PULUMI_BACKEND_URL: `file://${join(home, "state")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(home, "passphrase"),
      // Where an operator would say yes.
      PULUMI_SKIP_CONFIRMATIONS: "true",
    },
    ...(input === undefined ? {} : { input: `${input}\n` }),
  });
}

function succeeded(command: string, { exitCode, stdout, stderr }: Finished): void {
  if (exitCode !== 0) throw new Error(`${command}\nended with code ${exitCode}:\n${stdout}\n${stderr}`);
}
