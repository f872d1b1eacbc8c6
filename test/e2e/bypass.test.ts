import { setTimeout as sleep } from "node:timers/promises";
import { isEmpty } from "../../scripts/local/cloudflare";
import { diffSnapshots, type FileSnapshot } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { Conversations } from "./conversations";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/**
 * `npm run rotate` and `npm run bypass` as an operator runs them, with the real OpenClaw. The tests build on each other.
 */

const MINUTE = 60_000;

let tools: Toolchain;
let operator: OperatorSession;
let filesBefore: FileSnapshot;
/** Every token that the host has had. */
const tokens: string[] = [];
/** Between two pieces of a model's answer. */
let pause = 0;

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "bypass", { streamPace: () => sleep(pause) });
  filesBefore = await operator.vps.snapshot();
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

/** The one in the running container. */
async function hostToken(): Promise<string> {
  const { AI_GATEWAY_AUTH_TOKEN: token = "" } = await operator.vps.containerEnvironment();
  tokens.push(token);
  return token;
}

async function workerAnswers(token: string): Promise<number> {
  const { workerUrl } = await operator.environment.stack.outputs();
  const response = await fetch(`${String(workerUrl)}/readyz`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return response.status;
}

step("up: a message goes through the gateway", async () => {
  const up = await operator.up();
  succeeded(up);
  expect(up.stdout).toContain("npm run recovery-kit -- --stack bypass");
  expect(await operator.message()).toBe("through the gateway");
});

step(
  "rotate while messages run: each that OpenClaw has taken is answered, and the Worker refuses none",
  async () => {
    const { cloudflare } = operator.environment;
    const before = await hostToken();
    const asked = cloudflare.workerRequests().length;
    // An answer takes seconds, so that there are unfinished ones at every moment.
    pause = 500;
    const conversations = await Conversations.start(operator.vps);
    const rotated = await operator.configured("rotate");
    const { answered, failed, inFlightAtStop, putOff } = await conversations.stop();
    pause = 0;

    succeeded(rotated);
    expect(failed).toEqual([]);
    // OpenClaw is started anew for the new token, once: what it had taken it answers first, and nothing new is taken
    // until it is back.
    expect(putOff).toEqual([1, 1, 1]);
    expect(inFlightAtStop).toHaveLength(1);
    expect(inFlightAtStop[0]).toBeGreaterThan(0);
    expect(answered).toBeGreaterThan(2 * putOff.length);
    const statuses = cloudflare.workerRequests().map(({ status }) => status);
    expect(statuses.slice(asked).filter((status) => status !== 200)).toEqual([]);

    const after = await hostToken();
    expect(after).not.toBe(before);
    expect([await workerAnswers(before), await workerAnswers(after)]).toEqual([401, 200]);
    expect(await operator.message()).toBe("through the gateway");
  },
);

step(
  "bypass: every file is the operator's own again, and a message goes to the provider itself",
  async () => {
    succeeded(await operator.bypass());
    const changed = diffSnapshots(filesBefore, await operator.vps.snapshot());
    expect(changed.filter((line) => !line.includes(".openclaw-ai-gateway"))).toEqual([]);
    expect(await operator.message()).toBe("to the provider itself");
    expect(await operator.serving()).toBe("bypass");
  },
);

step("an up without a change keeps the bypass, one with a change is refused there", async () => {
  const { stack } = operator.environment;
  succeeded(await operator.up());
  expect(await operator.serving()).toBe("bypass");
  stack.configure({ "openclaw-ai-gateway:openclaw": { primaryModel: "openai/gpt-5.4" } });
  const refused = await operator.up();
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain("npm run bypass -- --stack bypass --host vps1 --end");
  stack.configure({ "openclaw-ai-gateway:openclaw": undefined });
  expect(await operator.message()).toBe("to the provider itself");
});

step("--end: a message goes through the gateway, and no key is left on the host", async () => {
  succeeded(await operator.bypass("--end"));
  expect(await operator.message()).toBe("through the gateway");
  expect(await operator.serving()).toBe("gateway");
  const keys = Object.values(operator.environment.providerKeys);
  expect(await operator.vps.findSecrets(keys)).toEqual([]);
});

step("destroy gives every byte back, and a message goes to the provider itself", async () => {
  succeeded(await operator.destroy());
  expect(diffSnapshots(filesBefore, await operator.vps.snapshot())).toEqual([]);
  expect(isEmpty(operator.environment.cloudflare.objects())).toBe(true);
  expect(await operator.message()).toBe("to the provider itself");
});

step("no secret was printed", async () => {
  const { providerKeys, cloudflare } = operator.environment;
  const { apiToken } = cloudflare;
  const issued = Object.fromEntries(tokens.map((token, index) => [`host token ${index}`, token]));
  expect(operator.leaked({ ...providerKeys, apiToken, ...issued })).toEqual([]);
});
