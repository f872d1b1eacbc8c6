import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "../../scripts/doctor/check";
import type { LocalEnvironment } from "../../scripts/local/environment";
import type { LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/** `npm run doctor` on a real stack: all is well, then one thing after the other is not. */

const MINUTE = 60_000;
const GATEWAY = "openclaw-ai-gateway:gateway";
const HOSTS = "openclaw-ai-gateway:hosts";

let tools: Toolchain;
let operator: OperatorSession;
let environment: LocalEnvironment;
let vps: LocalVps;

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "doctor");
  ({ environment, vps } = operator);
  // The Cloudflare plugin that is built here does not send it (docs/promises.md), which doctor would rightly say.
  const gateway = environment.stack.config(GATEWAY) as Record<string, unknown>;
  // A look that takes too long on a busy machine would leave what was changed by hand unseen.
  const hosts = environment.stack.config(HOSTS) as Record<string, unknown>[];
  environment.stack.configure({
    [GATEWAY]: { ...gateway, byokOnly: false },
    [HOSTS]: hosts.map((host) => ({ ...host, lookSeconds: 60 })),
  });
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

const doctor = (...args: string[]) => operator.configured("doctor", ...args);

interface Report {
  good: boolean;
  counts: Record<string, number>;
  estimate: { requests: number; usd: number };
  checks: Result[];
}

async function report(...args: string[]): Promise<Report & { exitCode: number }> {
  const { stdout, stderr, exitCode } = await doctor("--json", ...args);
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Report), exitCode };
}

/** What failed, by check, and what each says puts it right. */
function failures({ checks }: Report): Record<string, string> {
  return Object.fromEntries(
    checks.flatMap((check) =>
      check.outcome === "failed"
        ? [[check.id, check.problems.map(({ says, fix }) => `${says} -> ${fix}`).join(" | ")]]
        : [],
    ),
  );
}

/** A call of Cloudflare's API by somebody else than the stack. */
async function api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const { apiUrl, apiToken, accountId } = environment.cloudflare;
  const response = await fetch(`${apiUrl}/accounts/${accountId}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return ((await response.json()) as { result: Record<string, unknown> }).result;
}

step("a stack that is not deployed cannot be looked at: exit code 2", async () => {
  const { exitCode, stdout, stderr } = await doctor();
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain("Stack doctor is not deployed. Deploy it: pulumi up --stack doctor");
});

step("after up everything is good", async () => {
  succeeded(await operator.up());
  const logged = environment.cloudflare.gatewayLog().length;

  const { exitCode, stdout, stderr } = await doctor();

  const lines = stdout.split("\n");
  expect(lines.filter((line) => /^[✗x-] /.test(line))).toEqual([]);
  expect(stdout).toMatch(/^17 good, 0 failed, in /m);
  expect(exitCode).toBe(0);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(stderr).toContain("6 real requests to your models, for about $0.02; --no-inference leaves them out");
  const served = environment.cloudflare
    .gatewayLog()
    .slice(logged)
    .filter(({ status }) => status === 200);
  expect(served.map(({ provider }) => provider)).toEqual([
    "anthropic",
    "google-ai-studio",
    "openai",
    "openrouter",
    "workers-ai",
    "workers-ai",
  ]);
});

step("pulumi stack output readme is about this stack", async () => {
  const { readme, workerUrl, routeModel } = await environment.stack.outputs();
  expect(readme).toContain(`the proxy Worker at **${String(workerUrl)}**`);
  expect(readme).toContain(`--model cloudflare-compat/${String(routeModel)}`);
  expect(readme).toContain(`| vps1 | 127.0.0.1 | \`${vps.directory}\` |`);
});

step("--no-inference asks no provider anything, and --json says it all", async () => {
  const asked = environment.cloudflare.providerRequests().length;

  const result = await report("--no-inference");

  expect(environment.cloudflare.providerRequests()).toHaveLength(asked);
  expect(result).toMatchObject({ exitCode: 0, good: true, estimate: { requests: 0, usd: 0 } });
  expect(result.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    "deploying-token ok",
    "gateway ok",
    "run-token ok",
    "worker-ready:vps1 ok",
    "worker-bad-token ok",
    "worker-unlisted-path ok",
    "host:vps1:login ok",
    "host:vps1:files ok",
    "host:vps1:keys ok",
    "host:vps1:ready ok",
    "host:vps1:turn skipped",
  ]);
});

step("a setting of the gateway that was changed by hand, and a key that came back to the VPS", async () => {
  const gateway = "/ai-gateway/gateways/openclaw-doctor";
  const settings = await api("GET", gateway);
  const writable = Object.entries(settings).filter(
    ([name]) => !/^(id|account_|internal_id|created_at|modified_at|is_default)/.test(name),
  );
  await api("PUT", gateway, { ...Object.fromEntries(writable), cache_ttl: 300 });
  appendFileSync(join(vps.directory, ".env"), `OPENAI_API_KEY=${environment.providerKeys.openai}\n`);
  appendFileSync(join(vps.directory, "notes.txt"), `${environment.providerKeys.anthropic}\n`);

  const result = await report("--no-inference");

  expect(result).toMatchObject({ exitCode: 1, good: false });
  const found = failures(result);
  expect(Object.keys(found)).toEqual(["gateway", "host:vps1:files", "host:vps1:keys"]);
  expect(found.gateway).toBe("cacheTtl is 300, configured is 0 -> npx pulumi up --refresh");
  expect(found["host:vps1:keys"]).toContain(
    "key_on_host: .env holds a provider key in OPENAI_API_KEY -> pulumi up, which seals it",
  );
  expect(found["host:vps1:keys"]).toMatch(/notes\.txt holds a provider key -> take the key out of that file/);
});

step("a Worker that is switched off: what needs it is skipped, the rest is looked at", async () => {
  await api("POST", "/workers/scripts/openclaw-doctor/subdomain", { enabled: false });

  const result = await report();

  expect(result.exitCode).toBe(1);
  const found = failures(result);
  expect(found["worker-ready:vps1"]).toMatch(/HTTP 404.* -> npx pulumi up --refresh/);
  expect(found["host:vps1:turn"]).toMatch(/model_unanswered: .* -> /);
  const skipped = result.checks.filter(({ outcome }) => outcome === "skipped");
  expect(skipped).toContainEqual(
    expect.objectContaining({
      id: "provider:anthropic",
      says: '"vps1: Worker is ready for its token" failed',
    }),
  );
  expect(result.checks).toContainEqual(expect.objectContaining({ id: "host:vps1:ready", outcome: "ok" }));
});

step("the fixes that it names put everything right", async () => {
  succeeded(await operator.up("--refresh"));
  const result = await report("--no-inference");
  // What lies in a file of the operator's own is his to take out.
  expect(Object.keys(failures(result))).toEqual(["host:vps1:keys"]);
  expect(failures(result)["host:vps1:keys"]).toMatch(
    /^key_on_host: \S+notes\.txt holds a provider key[^|]*$/,
  );
  expect(result.exitCode).toBe(1);
});

step("it never shows a secret", async () => {
  const outputs = await environment.stack.outputs(true);
  const { vps1 } = outputs.openclawEnv as Record<string, Record<string, string>>;
  const secrets = {
    ...environment.providerKeys,
    apiToken: environment.cloudflare.apiToken,
    hostToken: vps1?.AI_GATEWAY_AUTH_TOKEN ?? "",
    sshKey: vps.privateKey,
  };
  expect(operator.leaked(secrets)).toEqual([]);
});
