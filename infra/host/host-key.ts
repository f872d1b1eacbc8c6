import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { Client, type ServerHostKeyAlgorithm } from "ssh2";
import type { HostConfig } from "./host-config";

/** Key types that can be pinned: the command provider offers the pinned type alone, and for RSA that is SHA-1. */
const PINNABLE: readonly string[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
];

/** All that a server may present, so that a server without the pinned type is told apart from one that is down. */
const PRESENTABLE = [...PINNABLE, "rsa-sha2-512", "rsa-sha2-256"] as ServerHostKeyAlgorithm[];

/** A pinned host key: its type and its public part. */
export interface PinnedKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** The SSH server did not prove to be the pinned one. Nothing was sent to it. */
export class HostKeyMismatch extends Error {
  override readonly name = "HostKeyMismatch";
}

/**
 * Reads the `type base64 [comment]` form of a public key.
 * @throws Error that says what is wrong with it and which command prints a right one.
 */
export function parseHostKey(host: Pick<HostConfig, "name" | "address" | "port" | "hostKey">): PinnedKey {
  const [type = "", encoded = ""] = host.hostKey.trim().split(/\s+/);
  const blob = Buffer.from(encoded, "base64");
  const named = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1") : "";
  if (type === "ssh-rsa" || named === "ssh-rsa") {
    throw new Error(
      `error host_key_unusable: host ${host.name}: hostKey is an RSA key. A pinned RSA key is offered as ssh-rsa (SHA-1), which current ` +
        `SSH servers refuse. Pin the ed25519 key: ${keyscan(host)}`,
    );
  }
  if (!PINNABLE.includes(type) || named !== type) {
    throw new Error(
      `error host_key_unusable: host ${host.name}: hostKey "${host.hostKey.slice(0, 40)}" is not a public host key of type ` +
        `${PINNABLE.join(", ")}. This prints it: ${keyscan(host)}`,
    );
  }
  return { type, blob };
}

/** `"matches"`, or why the host could not be reached. */
export type HostKeyLook = "matches" | { unreachable: string };

/**
 * One SSH handshake, no log-in: does the server at the host's address own the pinned key?
 * @param timeoutMs time for the whole handshake, in milliseconds
 * @param way an open connection to the host, where there is no direct one
 * @throws HostKeyMismatch when the server presented another key
 */
export function lookAtHostKey(
  host: Pick<HostConfig, "name" | "address" | "port" | "user" | "hostKey">,
  timeoutMs = 3000,
  way?: Duplex,
): Promise<HostKeyLook> {
  const pinned = parseHostKey(host);
  return new Promise((resolve, reject) => {
    const client = new Client();
    let presented: Buffer | undefined;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      client.removeAllListeners();
      client.on("error", () => {}); // a reset after the answer is of no interest, but must not be thrown
      client.destroy();
      settle();
    };
    const unreachable = (why: string): void => finish(() => resolve({ unreachable: why }));
    const timer = setTimeout(() => unreachable(`no SSH handshake within ${timeoutMs} ms`), timeoutMs);
    // "handshake" comes after the server has signed the exchange: before that, the key is only a claim.
    client.on("handshake", () => finish(() => resolve("matches")));
    client.on("close", () => unreachable("the connection was closed during the handshake"));
    client.on("error", (error) => {
      const found = presented;
      if (isOther(found, pinned)) finish(() => reject(mismatch(host, pinned, found)));
      else unreachable(error.message);
    });
    client.connect({
      ...(way === undefined ? { host: host.address, port: host.port } : { sock: way }),
      username: host.user,
      readyTimeout: timeoutMs,
      algorithms: algorithmsFor(pinned),
      hostVerifier: (key: Buffer) => {
        presented = key;
        return key.equals(pinned.blob);
      },
    });
  });
}

/** What is offered to a server of which this key is expected. */
export function algorithmsFor({ type }: PinnedKey): { serverHostKey: ServerHostKeyAlgorithm[] } {
  return { serverHostKey: [...PRESENTABLE].sort((a, b) => Number(b === type) - Number(a === type)) };
}

/** Whether a server presented a key, and not the pinned one. */
export function isOther(presented: Buffer | undefined, pinned: PinnedKey): presented is Buffer {
  return presented !== undefined && !presented.equals(pinned.blob);
}

export function mismatch(
  host: Pick<HostConfig, "name" | "address" | "port">,
  pinned: PinnedKey,
  found: Buffer,
): HostKeyMismatch {
  const lines = [
    `error host_key_mismatch: host ${host.name}: the SSH server at ${host.address} port ${host.port} has another host key than the pinned one.`,
    `  found:  ${fingerprint(found)}`,
    `  pinned: ${fingerprint(pinned.blob)}`,
    "Nothing was sent to it. If the machine was reinstalled, compare the found fingerprint with the one that your",
    `provider's console shows, then pin the line that this prints: ${keyscan(host)}`,
  ];
  return new HostKeyMismatch(lines.join("\n"));
}

/** As OpenSSH prints it: `SHA256:…` without padding. */
function fingerprint(blob: Buffer): string {
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");
  return `${type} SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

function keyscan(host: Pick<HostConfig, "address" | "port">): string {
  return `ssh-keyscan -t ed25519 -p ${host.port} ${host.address}`;
}
