import { type Docker, machineDocker, prepareDocker } from "./docker";
import { type Engine, prepareEngine } from "./engine";
import { prepareOpenClawImage } from "./openclaw-image";
import type { Progress } from "./progress";
import { findSshd } from "./sshd";
import { prepareSystemPackages } from "./system-packages";

/** Everything that demo and tests need beyond the npm packages. */
export interface Toolchain {
  engine: Engine;
  docker: Docker;
  /** Reference of the image with the real OpenClaw. */
  openclawImage: string;
  /** Absolute path of the OpenSSH server. */
  sshd: string;
  /** Gives everything back that was started for this process. */
  close(): Promise<void>;
}

/** The part of the toolchain that a local VPS needs. */
export type VpsToolchain = Omit<Toolchain, "engine">;

/**
 * Prepares the toolchain, each part once per machine. The engine may have to be compiled, which takes longest, so it
 * runs beside the rest.
 *
 * @throws the first error of any part, after what was started has been stopped
 */
export async function prepare(progress: Progress): Promise<Toolchain> {
  // The packages come first and alone: where they cannot be installed, nothing else is begun.
  await preparePackages(progress);
  const [engine, vps] = await Promise.allSettled([
    progress.step("Pulumi engine", (note) => prepareEngine(note)),
    prepareVpsParts(progress),
  ]);
  if (engine.status === "fulfilled" && vps.status === "fulfilled") {
    return { engine: engine.value, ...vps.value };
  }
  if (vps.status === "fulfilled") await vps.value.close();
  throw engine.status === "rejected" ? engine.reason : (vps as PromiseRejectedResult).reason;
}

/** {@link prepare} without the engine. */
export async function prepareVps(progress: Progress): Promise<VpsToolchain> {
  await preparePackages(progress);
  return prepareVpsParts(progress);
}

function preparePackages(progress: Progress): Promise<void> {
  return progress.step("System packages", async (note) =>
    prepareSystemPackages((await machineDocker()) !== undefined, note),
  );
}

async function prepareVpsParts(progress: Progress): Promise<VpsToolchain> {
  const sshd = findSshd();
  const docker = await progress.step("Docker with Compose", prepareDocker);
  const close = () => docker.stop();
  try {
    const openclawImage = await progress.step("OpenClaw image", (note) => prepareOpenClawImage(docker, note));
    return { docker, openclawImage, sshd, close };
  } catch (error) {
    await close();
    throw error;
  }
}
