import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../scripts/lib/run";
import type { Toolchain } from "../../scripts/setup";
import { cacheDir } from "../../scripts/setup/cache";
import { type PrivateDockerd, startPrivateDockerd } from "../../scripts/setup/dockerd";
import { StandInHost } from "./stand-in-host";
import { toolchain } from "./toolchain";

/**
 * Faults of a host with the real sshd, Docker daemon and Docker Compose. `test/host` has many more of them, with a
 * stand-in for Docker that knows no health checks, restart policies and stop signals. After each fault one configuration
 * serves, the next apply gets to the new one, and a restore gives every byte back.
 */

const MINUTE = 60_000;
/** Only root may start a daemon that can be killed. */
const isRoot = process.getuid?.() === 0;

let tools: Toolchain;
let data: string;
let dockerd: PrivateDockerd | undefined;
let host: StandInHost;
let before: Record<string, string>;

beforeAll(async () => {
  tools = await toolchain();
  let { env: docker } = tools.docker;
  if (isRoot) {
    data = mkdtempSync(cacheDir("faults-"));
    dockerd = await startPrivateDockerd(join(data, "docker"), () => {});
    docker = { ...docker, DOCKER_HOST: dockerd.host };
    await copyNode(docker);
  }
  host = await StandInHost.create({ docker, image: isRoot ? IMAGE : tools.openclawImage, sshd: tools.sshd });
  before = host.tree();
}, 40 * MINUTE);

afterAll(async () => {
  await host?.remove();
  await dockerd?.stop();
  if (data !== undefined) rmSync(data, { recursive: true, force: true });
  await tools?.close();
}, 5 * MINUTE);

const IMAGE = "openclaw-ai-gateway/node";

/** Node and its libraries out of OpenClaw's image: of all of it the copy would take a minute. */
async function copyNode(to: NodeJS.ProcessEnv): Promise<void> {
  const root = join(data, "root");
  mkdirSync(root);
  const script = `id="$(docker create ${tools.openclawImage})" && docker export "$id" | tar -x -C '${root}' usr bin sbin lib lib64 etc tmp
    docker rm "$id" && tar -c -C '${root}' . | DOCKER_HOST='${to.DOCKER_HOST}' docker import - ${IMAGE}`;
  const { exitCode, stderr } = await run("sh", ["-ec", script], { env: tools.docker.env });
  if (exitCode !== 0) throw new Error(stderr);
  rmSync(root, { recursive: true });
}

/** Every case begins with OpenClaw on the operator's own files, and has to end there. */
beforeEach(async () => {
  host.behave({});
  host.compose("up", "--detach");
  expect(await host.serving()).toBe("own");
});

async function converges(): Promise<void> {
  host.behave({});
  expect(await host.run("apply")).toMatchObject({ code: 0 });
  expect(await host.serving()).toBe("new");
  await isRestored();
}

async function isRestored(): Promise<void> {
  expect(await host.run("restore")).toMatchObject({ code: 0 });
  expect(await host.serving()).toBe("own");
  expect(host.tree()).toEqual(before);
}

test("kill -9 of a run in the midst of its change", async () => {
  const applied = host.run("apply").catch(() => undefined);
  await host.untilChanging();
  host.killRun();
  expect(await applied).not.toMatchObject({ code: 0 });
  await host.untilQuiet();
  await converges();
});

test("kill -9 there, and then no apply but a restore", async () => {
  const applied = host.run("apply").catch(() => undefined);
  await host.untilChanging();
  host.killRun();
  await applied;
  await host.untilQuiet();
  await isRestored();
});

test("the SSH connection cut in the midst of a change: the run goes on to its end", async () => {
  await host.cutOff();
  await host.untilQuiet();
  expect(await host.serving()).toBe("new");
  expect((await host.run("apply")).output).toContain("unchanged");
  await isRestored();
});

test.each([
  ["unhealthy", /^error (container_unhealthy|openclaw_not_ready|container_step_failed): /m],
  ["crash", /^error (container_restarts|container_unhealthy|container_gone): /m],
] as const)(
  "a container that is %s on the new configuration: the old one serves again",
  async (start, refusal) => {
    host.behave({ start });
    const { code, output } = await host.run("apply");
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(refusal) });
    expect(output).toContain("the previous configuration is back");
    expect(await host.serving()).toBe("own");
    expect(host.tree()).toEqual(before);
    await converges();
  },
);

(isRoot ? test : test.skip)(
  "the Docker daemon killed in the midst of a change, and started again",
  async () => {
    const applied = host.run("apply");
    await host.untilChanging();
    dockerd?.kill();
    // Long enough for the run to meet it.
    await sleep(3_000);
    await dockerd?.restart();
    const { code } = await applied;
    expect(await host.serving()).toBe(code === 0 ? "new" : "own");
    if (code !== 0) expect(host.tree()).toEqual(before);
    await converges();
  },
);

test("a container of another project name is refused, and goes on", async () => {
  host.compose("down", "--timeout", "0");
  host.compose("-p", "claw", "up", "--detach");
  try {
    const { code, output } = await host.run("apply");
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^error project_differs: .* project claw/m),
    });
    expect(await host.serving()).toBe("own");
    expect(host.tree()).toEqual(before);
  } finally {
    host.compose("-p", "claw", "down", "--timeout", "0");
  }
  host.compose("up", "--detach");
  await converges();
});

test("a container that Compose replaces has the time to finish its turns", async () => {
  const legacy = { variables: "OPENAI_BASE_URL url" };
  expect(await host.run("apply", legacy)).toMatchObject({ code: 0 });
  // As OpenClaw's own setup script does; Compose by itself would give it 10 s.
  host.compose("-f", "docker-compose.yml", "up", "--detach");
  host.behave({ turnMs: 12_000 });
  const finished = host.stops().length;
  expect((await host.run("apply", { ...legacy, epoch: "1" })).output).toContain("in place");
  expect(host.stops().slice(finished)).toEqual(["new finished"]);
  host.behave({});
  await isRestored();
});
