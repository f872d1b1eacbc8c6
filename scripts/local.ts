import { rmSync } from "node:fs";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";
import {
  LOCAL_PORTS,
  LOCAL_PROVIDER_KEYS,
  type LocalCloudflare,
  startLocalCloudflare,
} from "./local/cloudflare";
import { cacheDir } from "./setup/cache";

const LOCAL = {
  name: "local",
  summary: `
Runs the local Cloudflare alone, in the foreground until Ctrl-C, at addresses
that stay the same from run to run.`,
  options: {
    stack: {
      type: "text",
      value: "NAME",
      default: "dev",
      text: "stack whose Worker gets the fixed address",
    },
    state: { type: "text", value: "FILE", text: "where the objects are kept (default: in the cache)" },
    fresh: { type: "flag", text: "forget the objects of earlier runs" },
  },
  examples: [
    ["", "for stack dev, whose file points at it"],
    ["--fresh", "an empty account"],
  ],
  exitCodes: { 0: "ended by Ctrl-C", 1: "could not start" },
} as const satisfies Command<Options>;

async function local(
  { stack, state = cacheDir("local", "cloudflare.json"), fresh }: Values<typeof LOCAL.options>,
  { print, interruption }: Frame,
): Promise<number> {
  if (fresh) rmSync(state, { force: true });
  const script = `openclaw-${stack}`;
  const { worker, ...ports } = LOCAL_PORTS;
  const cloudflare = await startLocalCloudflare({
    ports: { ...ports, workers: { [script]: worker } },
    stateFile: state,
    providerKeys: LOCAL_PROVIDER_KEYS,
    log: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`),
  });
  print(instructions(cloudflare, script, state));
  await interruption.wait();
  process.stderr.write("\nStopping; the objects are kept.\n");
  await cloudflare.close();
  return 0;
}

function instructions(cloudflare: LocalCloudflare, script: string, stateFile: string): string {
  const set = "pulumi config set";
  return `
Local Cloudflare (no account, no real provider; loopback only)

  API              ${cloudflare.apiUrl}
  AI Gateway       ${cloudflare.gatewayUrl}
  Worker           ${cloudflare.workerUrl(script)}   (404 until ${script} is deployed)
  fake providers   ${cloudflare.providersUrl}/{slug}/…
  objects          ${stateFile}

Point a stack at it:

  ${set} cloudflare:baseUrl ${cloudflare.apiUrl}
  ${set} --secret cloudflare:apiToken ${cloudflare.apiToken}
  ${set} accountId ${cloudflare.accountId}
  ${set} --path gateway.url ${cloudflare.gatewayUrl}
  ${set} --path worker.url ${cloudflare.workerUrl(script)}

Keys that the fake providers accept:

${Object.entries(LOCAL_PROVIDER_KEYS)
  .map(([slug, key]) => `  ${slug.padEnd(16)} ${key}`)
  .join("\n")}

Ctrl-C stops it. Refused and unknown calls are shown below.
`;
}

void runCommand(LOCAL, local);
