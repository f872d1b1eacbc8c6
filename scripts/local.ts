import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  LOCAL_PORTS,
  LOCAL_PROVIDER_KEYS,
  type LocalCloudflare,
  startLocalCloudflare,
} from "./local/cloudflare";
import { cacheDir } from "./setup/cache";

const USAGE = `npm run local -- [options]

Runs the local Cloudflare in the foreground until Ctrl-C.

  --stack NAME   stack whose Worker gets the fixed address (default: dev)
  --state FILE   where the objects are kept (default: in the cache)
  --fresh        forget the objects of earlier runs
  --help         this text
`;

/** `npm run local`: the local Cloudflare alone, at addresses that stay the same from run to run. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", default: "dev" },
      state: { type: "string", default: cacheDir("local", "cloudflare.json") },
      fresh: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.fresh) rmSync(values.state, { force: true });
  const script = `openclaw-${values.stack}`;
  const { worker, ...ports } = LOCAL_PORTS;
  const cloudflare = await startLocalCloudflare({
    ports: { ...ports, workers: { [script]: worker } },
    stateFile: values.state,
    providerKeys: LOCAL_PROVIDER_KEYS,
    log: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`),
  });
  process.stdout.write(instructions(cloudflare, script, values.state));
  await interruption();
  process.stdout.write("\nStopping; the objects are kept.\n");
  await cloudflare.close();
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

/** Ends with Ctrl-C, or when asked to terminate. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
