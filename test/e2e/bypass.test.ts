import { isEmpty } from "../../scripts/local/cloudflare";
import { diffSnapshots, type FileSnapshot } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { succeeded } from "./expectations";
import { OperatorSession } from "./operator-session";
import { step } from "./step";
import { toolchain } from "./toolchain";

/** `npm run bypass` as an operator runs it, with the real OpenClaw. The tests build on each other. */

const MINUTE = 60_000;

let tools: Toolchain;
let operator: OperatorSession;
let filesBefore: FileSnapshot;

beforeAll(async () => {
  tools = await toolchain();
  operator = await OperatorSession.start(tools, "bypass");
  filesBefore = await operator.vps.snapshot();
}, 40 * MINUTE);

afterAll(async () => {
  await operator?.environment.close();
  await tools?.close();
}, 5 * MINUTE);

step("up: a message goes through the gateway", async () => {
  const up = await operator.up();
  succeeded(up);
  expect(up.stdout).toContain("npm run recovery-kit -- --stack bypass");
  expect(await operator.message()).toBe("through the gateway");
});

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
  for (const secret of [...Object.values(providerKeys), cloudflare.apiToken])
    expect(operator.printed).not.toContain(secret);
});
