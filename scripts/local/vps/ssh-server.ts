import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../lib/run";
import { findProgram } from "../../setup/programs";
import { freePort } from "./free-port";

/** A running OpenSSH server that lets one key in. */
export interface SshServer {
  port: number;
  user: string;
  /** Public host key as it is pinned: `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** Contents of the client's private key. */
  privateKey: string;
  /** Ends the server and every session that it still has. */
  stop(): Promise<void>;
}

export interface SshServerOptions {
  /** Absolute path of sshd. */
  sshd: string;
  /** For keys and configuration; made if absent. */
  directory: string;
  /** What each session finds in its environment. */
  environment: Readonly<Record<string, string | undefined>>;
}

const ATTEMPTS = 3;
const START_TIMEOUT_MS = 15_000;
const POLL_MS = 50;

/** Starts a real sshd on loopback with keys of its own; log-in is as the current user, by key only. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const hostKeyFile = join(directory, "host_key");
  const clientKeyFile = join(directory, "client_key");
  await Promise.all([hostKeyFile, clientKeyFile].map(generateKey));
  writeFileSync(join(directory, "authorized_keys"), readFileSync(`${clientKeyFile}.pub`), { mode: 0o600 });
  // sshd chroots its unprivileged half into this directory and ends when it is absent; a service manager makes it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });

  const { port, process: server } = await listen(options);
  return {
    port,
    user: userInfo().username,
    hostKey: readFileSync(`${hostKeyFile}.pub`, "utf8").split(" ").slice(0, 2).join(" "),
    privateKey: readFileSync(clientKeyFile, "utf8"),
    stop: () => stop(server),
  };
}

async function generateKey(file: string): Promise<void> {
  const args = ["-q", "-t", "ed25519", "-N", "", "-C", "local-vps", "-f", file];
  const { exitCode, stderr } = await run(findProgram("ssh-keygen") ?? "ssh-keygen", args);
  if (exitCode !== 0) throw new Error(`ssh-keygen ended with code ${exitCode}: ${stderr.trim()}`);
}

/** sshd cannot pick a port itself; should another program take the free one first, the next is tried. */
async function listen(options: SshServerOptions): Promise<{ port: number; process: ChildProcess }> {
  let log = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = await freePort();
    const config = join(options.directory, "sshd_config");
    writeFileSync(config, serverConfig(port, options), { mode: 0o600 });
    const server = spawn(options.sshd, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    server.stderr.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString("utf8")).slice(-2_000);
    });
    if (await untilListening(server, port)) return { port, process: server };
    await stop(server);
  }
  throw new Error(`sshd did not start. Its last lines were:\n${log.trim()}`);
}

function serverConfig(port: number, { directory, environment }: SshServerOptions): string {
  const variables = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`"${name}=${value}"`],
  );
  return [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${join(directory, "host_key")}`,
    `AuthorizedKeysFile ${join(directory, "authorized_keys")}`,
    "PidFile none",
    "PubkeyAuthentication yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    // Directories below /tmp are writable for others, which strict mode refuses.
    "StrictModes no",
    `UsePAM ${accountIsLocked() ? "yes" : "no"}`,
    "PrintMotd no",
    "PrintLastLog no",
    // One line: sshd takes the first SetEnv only.
    `SetEnv ${variables.join(" ")}`,
    "",
  ].join("\n");
}

/** Without PAM sshd refuses an account whose password is locked (`!`), as root's is on many cloud images. */
function accountIsLocked(): boolean {
  if (process.getuid?.() !== 0) return false;
  const line = readFileSync("/etc/shadow", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${userInfo().username}:`));
  return line?.split(":")[1]?.startsWith("!") ?? false;
}

async function untilListening(server: ChildProcess, port: number): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (server.exitCode === null && performance.now() < deadline) {
    if (await greets(port)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** An SSH server speaks first (RFC 4253, section 4.2). */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("data", (data: Buffer) => end(data.toString("latin1").startsWith("SSH-2.0")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

/** Sessions are children of the listener and live on without it, so they are ended one by one. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const sessions = childrenOf(server.pid);
  const exited = once(server, "exit");
  server.kill("SIGTERM");
  await exited;
  for (const pid of sessions) {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It has ended by itself.
    }
  }
}

function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children.trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
