import type { Duplex } from "node:stream";
import * as pulumi from "@pulumi/pulumi";
import { Client } from "ssh2";
import type { SshServer } from "./connection";
import { type HostKeyLook, lookAtHostKey, parseHostKey } from "./host-key";

interface Target extends SshServer {
  readonly name: string;
  readonly jumpHost?: SshServer | undefined;
}

/**
 * {@link lookAtHostKey} of a host, through its jump host where it has one. That one's own key is looked at first, and
 * nobody logs in there unless it is the pinned one.
 *
 * @throws HostKeyMismatch of either
 */
export async function lookAtHost(host: Target, timeoutMs: number): Promise<HostKeyLook> {
  const { jumpHost } = host;
  if (jumpHost === undefined) return lookAtHostKey(host, timeoutMs);
  const jump = { ...jumpHost, name: `${host.name} (its jump host)` };
  const found = await lookAtHostKey(jump, timeoutMs);
  if (found !== "matches") return { unreachable: `the jump host: ${found.unreachable}` };
  const way = await openWay(jump, host, timeoutMs);
  if ("unreachable" in way) return way;
  try {
    return await lookAtHostKey(host, timeoutMs, way.stream);
  } finally {
    way.close();
  }
}

type Way = { readonly stream: Duplex; close(): void } | { readonly unreachable: string };

async function openWay(jump: SshServer & { name: string }, target: Target, timeoutMs: number): Promise<Way> {
  const pinned = parseHostKey(jump);
  const privateKey = await known(jump.privateKey);
  const agent = process.env.SSH_AUTH_SOCK;
  return new Promise((resolve) => {
    const client = new Client();
    const fail = (error: Error) => {
      client.end();
      resolve({ unreachable: `the jump host: ${error.message}` });
    };
    client.on("error", fail);
    client.on("ready", () =>
      client.forwardOut("127.0.0.1", 0, target.address, target.port, (error, stream) => {
        if (error) fail(error);
        else resolve({ stream, close: () => client.end() });
      }),
    );
    client.connect({
      host: jump.address,
      port: jump.port,
      username: jump.user,
      readyTimeout: timeoutMs,
      hostVerifier: (key: Buffer) => key.equals(pinned.blob),
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(privateKey === undefined && agent !== undefined ? { agent } : {}),
    });
  });
}

/** Keys come from the configuration, so they are always known. */
function known(input: pulumi.Input<string> | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });
}
