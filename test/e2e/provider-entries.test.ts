import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AUTH_TOKEN_ENV,
  openclawPatch,
  routeModelRef,
  WORKER_URL_ENV,
} from "../../infra/host/openclaw-config";
import { LLM_PROVIDERS } from "../../infra/llm-providers";
import type { Finished } from "../../scripts/lib/run";
import {
  LOCAL_PROVIDER_KEYS,
  type LocalCloudflare,
  startLocalCloudflare,
} from "../../scripts/local/cloudflare";
import { type Answer, createLocalVps, type LocalVps } from "../../scripts/local/vps";
import { CONFIG_DIRECTORY, WORKSPACE_DIRECTORY } from "../../scripts/local/vps/operator-files";
import type { Toolchain } from "../../scripts/setup";
import { deployWorker } from "../local/cloudflare/deployed-worker";
import { oneModel, sdk } from "../local/cloudflare/support";
import { toolchain } from "./toolchain";

/**
 * OpenClaw itself, with every provider entry that the stack writes: one real turn each, through the Worker as it is
 * deployed and the gateway, to a provider that is as strict as the real one.
 */

const MINUTE = 60_000;
const HOST = "vps1";
const ROUTE = "main";
const QUESTION = "Are you there?";
const KIMI = "@cf/moonshotai/kimi-k2.6";

/** A model of OpenClaw's own catalog, for entries that leave the catalog to it. */
const CATALOG_MODELS: Readonly<Record<string, string>> = {
  anthropic: "claude-sonnet-4-6",
  "google-ai-studio": "gemini-3.1-pro-preview",
  grok: "grok-4.3",
  openai: "gpt-5.4",
  openrouter: "auto",
};

/** Served by OpenRouter, and still Gemini: OpenClaw has to give each thought signature back with the tool's result. */
const GEMINI = "google/gemini-3.1-pro-preview";
const NOTE = "plover";

/** OpenClaw's reference of a model, the provider that has to serve it, and the model that it has to be asked for. */
const ENTRIES = [
  ...LLM_PROVIDERS.map(({ slug, openclaw: { providerId, models = [] } }) => {
    const model = models[0]?.id ?? CATALOG_MODELS[slug] ?? "";
    return [`${providerId}/${model}`, slug, slug === "openrouter" ? `openrouter/${model}` : model] as const;
  }),
  [routeModelRef(ROUTE), "workers-ai", KIMI] as const,
];

let tools: Toolchain;
let cloudflare: LocalCloudflare;
let vps: LocalVps;
/** Of an agent turn with {@link GEMINI}, after all the answers. */
let toolTurn: Promise<Finished>;
/** The answers by reference, on their way: two at a time, as a turn is mostly the start of OpenClaw's command. */
const answers = new Map<string, Promise<Answer>>();

beforeAll(async () => {
  tools = await toolchain();
  cloudflare = await startLocalCloudflare({ providerKeys: LOCAL_PROVIDER_KEYS });
  const worker = await deployWorker(cloudflare, "openclaw", {
    providerKeys: LOCAL_PROVIDER_KEYS,
    hosts: [HOST],
  });
  await sdk(cloudflare).aiGateway.dynamicRouting.create(worker.gatewayId, {
    account_id: cloudflare.accountId,
    name: ROUTE,
    elements: oneModel(KIMI),
  });
  vps = await createLocalVps({
    name: "entries",
    toolchain: tools,
    providersUrl: cloudflare.providersUrl,
    providerKeys: {},
  });
  const patch = openclawPatch({ providers: LLM_PROVIDERS, routes: [{ name: ROUTE }] });
  const config = JSON.stringify({ gateway: { mode: "local" }, ...patch });
  writeFileSync(join(vps.directory, CONFIG_DIRECTORY, "openclaw.json"), config);
  const environment = { [WORKER_URL_ENV]: worker.url, [AUTH_TOKEN_ENV]: worker.hostTokens[HOST] };
  for (const [name, value] of Object.entries(environment))
    appendFileSync(join(vps.directory, ".env"), `${name}=${value}\n`);
  const note = join(vps.directory, WORKSPACE_DIRECTORY, "note.txt");
  writeFileSync(note, NOTE, { mode: 0o644 });
  await vps.start();
  askAll(vps);
  toolTurn = Promise.allSettled(answers.values()).then(() =>
    vps.compose([
      ...["exec", "-T", vps.service, "node", "dist/index.js", "agent", "--agent", "main", "--json"],
      ...["--message", 'Call the tool read with {"path":"note.txt"}', "--model", `openrouter/${GEMINI}`],
    ]),
  );
}, 40 * MINUTE);

function askAll(host: LocalVps): void {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  ENTRIES.forEach(([reference], index) => {
    const lane = index % lanes.length;
    const answer = (lanes[lane] as Promise<unknown>).then(() => host.ask(QUESTION, reference));
    answers.set(reference, answer);
    lanes[lane] = answer.catch(() => {});
  });
}

afterAll(async () => {
  await Promise.allSettled([...answers.values(), toolTurn]);
  await vps?.stop();
  await cloudflare?.close();
  await tools?.close();
}, 5 * MINUTE);

test("the list is every entry", () => {
  const { providers } = openclawPatch({ providers: LLM_PROVIDERS, routes: [{ name: ROUTE }] }).models;
  expect(ENTRIES.map(([reference]) => reference.split("/")[0]).sort()).toEqual(Object.keys(providers).sort());
});

test.each(ENTRIES)(
  "%s answers a turn",
  async (reference, provider, model) => {
    const answer = await answers.get(reference);

    expect(answer?.text).toBe(`pong from ${provider}/${model}: ${QUESTION}`);
    const dynamicRoute = reference === routeModelRef(ROUTE) ? ROUTE : undefined;
    const logged = cloudflare
      .gatewayLog()
      .filter((entry) => entry.provider === provider && entry.dynamicRoute === dynamicRoute)
      .filter((entry) => entry.model === model);
    expect(logged).toMatchObject([{ model, status: 200, stream: true, metadata: { host: HOST } }]);
    for (const { key } of cloudflare.providerRequests().filter(({ slug }) => slug === provider))
      expect(key).toBe("ok");
  },
  5 * MINUTE,
);

test(
  "a tool call of Gemini through OpenRouter: the second turn has the result, and the signature of the first",
  async () => {
    const { exitCode, stdout } = await toolTurn;

    expect(exitCode).toBe(0);
    expect(stdout).toContain(`pong from openrouter/${GEMINI}: ${NOTE}`);
    const logged = cloudflare.gatewayLog().filter(({ model }) => model === GEMINI);
    expect(logged.length).toBeGreaterThanOrEqual(2);
    // The provider refuses a request that has lost a signature.
    for (const entry of logged)
      expect(entry).toMatchObject({ provider: "openrouter", status: 200, metadata: { host: HOST } });
  },
  10 * MINUTE,
);
