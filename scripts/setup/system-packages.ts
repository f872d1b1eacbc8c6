import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { run } from "../lib/run";
import { withMachineLock } from "./machine-lock";
import { findProgram, systemPath } from "./programs";
import type { Note } from "./progress";

interface Requirement {
  /** Any one of these programs will do. */
  programs: readonly string[];
  /** Debian's package that brings it. */
  package: string;
  purpose: string;
}

const DOCKER_CLI: Requirement = { programs: ["docker"], package: "docker.io", purpose: "Docker CLI" };

/** What `dockerd` starts as programs of their own; only needed where no Docker daemon answers. */
const DOCKER_ENGINE: readonly Requirement[] = ["dockerd", "containerd", "runc"].map((program) => ({
  programs: [program],
  package: "docker.io",
  purpose: "Docker Engine",
}));

const ALWAYS: readonly Requirement[] = [
  DOCKER_CLI,
  { programs: ["sshd"], package: "openssh-server", purpose: "OpenSSH server of the local VPS" },
  { programs: ["ssh-keygen"], package: "openssh-client", purpose: "keys of the local VPS" },
  { programs: ["busybox"], package: "busybox-static", purpose: "shell inside the OpenClaw image" },
  { programs: ["openssl"], package: "openssl", purpose: "sealing keys on the VPS" },
  { programs: ["tar"], package: "tar", purpose: "packing the OpenClaw image" },
];

/**
 * Makes sure that every program is there which npm and Go cannot bring: installs Debian's packages when it may
 * (root on Debian or a descendant), otherwise names all that is missing and the command, and changes nothing.
 *
 * @param dockerRuns whether a usable Docker daemon answers already, so that no engine is needed
 */
export async function prepareSystemPackages(dockerRuns: boolean, note: Note): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(
      `The local Cloudflare and VPS need Linux, because containers share the host's loopback network; this is ${process.platform}. ` +
        "Run the command on a Linux machine, for example Debian 12 in a virtual machine.",
    );
  }
  const missing = missingRequirements(dockerRuns);
  if (missing.length === 0) return;
  if (!mayInstall()) throw new Error(describeMissing(missing));
  await withMachineLock("system-packages", () => installMissing(dockerRuns, note), note);
}

/** Looks again: another process may have installed them while this one waited for the lock. */
async function installMissing(dockerRuns: boolean, note: Note): Promise<void> {
  const missing = missingRequirements(dockerRuns);
  if (missing.length > 0) await install(packagesOf(missing), note);
  const left = missingRequirements(dockerRuns);
  if (left.length > 0) throw new Error(`After apt-get install: ${describeMissing(left)}`);
}

function missingRequirements(dockerRuns: boolean): Requirement[] {
  const required = dockerRuns ? ALWAYS : [...ALWAYS, ...DOCKER_ENGINE];
  return required.filter(({ programs }) => !programs.some(findProgram));
}

function packagesOf(requirements: readonly Requirement[]): string[] {
  return [...new Set(requirements.map((requirement) => requirement.package))].sort();
}

function describeMissing(missing: readonly Requirement[]): string {
  const lines = missing.map(({ programs, purpose }) => `  ${programs.join(" or ")} (${purpose})`);
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const command = `${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends ${packagesOf(missing).join(" ")}`;
  return [
    "These programs are missing and cannot be installed from here:",
    ...lines,
    isDebian()
      ? "Install them with:"
      : "Install them with your system's package manager; on Debian it would be:",
    `  ${command}`,
  ].join("\n");
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && isDebian() && findProgram("apt-get") !== undefined;
}

function isDebian(): boolean {
  if (!existsSync("/etc/os-release")) return false;
  return /^(ID|ID_LIKE)=.*\bdebian\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

async function install(packages: readonly string[], note: Note): Promise<void> {
  note(`apt-get update`);
  // Old package lists are good enough as long as the installation itself works, which is checked.
  await aptGet(["update"]);
  note(`apt-get install ${packages.join(" ")}`);
  const restore = keepServicesFromStarting();
  try {
    const { exitCode, stdout, stderr } = await aptGet([
      "install",
      "--yes",
      "--no-install-recommends",
      // Never trade what the machine has for what we want (docker-ce against docker.io, for example).
      "--no-remove",
      ...packages,
    ]);
    if (exitCode !== 0) {
      const lastLines = `${stdout}\n${stderr}`.trim().split("\n").slice(-8).join("\n");
      throw new Error(`apt-get install ${packages.join(" ")} ended with code ${exitCode}:\n${lastLines}`);
    }
  } finally {
    restore();
  }
}

function aptGet(args: readonly string[]) {
  const options = ["--quiet", "--option", "DPkg::Lock::Timeout=300", "--option", "Dpkg::Use-Pty=0"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", PATH: systemPath() };
  return run("apt-get", [...options, ...args], { env });
}

const POLICY_FILE = "/usr/sbin/policy-rc.d";
const OUR_POLICY =
  "#!/bin/sh\n# Written by openclaw-ai-gateway for the time of one apt-get install.\nexit 101\n";

/**
 * We need the programs, not a daemon that listens on every interface. invoke-rc.d and deb-systemd-invoke ask
 * /usr/sbin/policy-rc.d, where 101 forbids the action (Debian's policy-rc.d specification). A policy that is
 * already there is the administrator's and stays in force. Returns what takes ours away again.
 */
function keepServicesFromStarting(): () => void {
  const foreign = existsSync(POLICY_FILE) && readFileSync(POLICY_FILE, "utf8") !== OUR_POLICY;
  if (foreign) return () => {};
  writeFileSync(POLICY_FILE, OUR_POLICY, { mode: 0o755 });
  return () => rmSync(POLICY_FILE, { force: true });
}
