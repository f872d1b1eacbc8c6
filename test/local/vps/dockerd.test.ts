import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../../scripts/lib/run";
import { shareDockerd } from "../../../scripts/setup/dockerd";
import { startTime } from "../../../scripts/setup/leases";
import { findProgram } from "../../../scripts/setup/programs";

const note = () => {};
const cache = process.env.OPENCLAW_AI_GATEWAY_CACHE;
let directory: string;

beforeAll(() => {
  // A cache of its own, because the daemon of the real one may be in use.
  directory = mkdtempSync(join(tmpdir(), "openclaw-dockerd-"));
  process.env.OPENCLAW_AI_GATEWAY_CACHE = directory;
});

afterAll(() => {
  if (cache === undefined) delete process.env.OPENCLAW_AI_GATEWAY_CACHE;
  else process.env.OPENCLAW_AI_GATEWAY_CACHE = cache;
  rmSync(directory, { recursive: true, force: true });
});

// Where the machine has a Docker daemon of its own there may be no dockerd that we could start.
const ours = process.getuid?.() === 0 && findProgram("dockerd") !== undefined;

(ours ? test : test.skip)("users share one daemon; the last one stops it and its containerd", async () => {
  const [first, second] = await Promise.all([shareDockerd(note), shareDockerd(note)]);
  expect(second.host).toBe(first.host);
  const runDirectory = dirname(first.host.slice("unix://".length));
  const pids = ["dockerd.pid", "exec/containerd/containerd.pid"].map((file) =>
    Number(readFileSync(join(runDirectory, file), "utf8")),
  );

  await first.release();
  const info = await run("docker", ["--host", second.host, "info", "--format", "{{.DockerRootDir}}"]);
  expect(info.stdout.trim()).toBe(join(directory, "docker"));

  await second.release();
  expect(pids.map(startTime)).toEqual([undefined, undefined]);
  expect(existsSync(runDirectory)).toBe(false);
});
