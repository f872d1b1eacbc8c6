import type { Duplex } from "node:stream";
import * as pulumi from "@pulumi/pulumi";
import { Client, utils } from "ssh2";
import type { SshServer } from "./connection";
import { algorithmsFor, isOther, lookAtHostKey, mismatch, parseHostKey } from "./host-key";

/** What a command left. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/**
 * Logs in to a server that shows the pinned key.
 *
 * @param way an open connection to it, where there is no direct one
 * @param timeoutMs for handshake and log-in together, in milliseconds
 * @throws HostKeyMismatch when it shows another key; nothing was sent to it then
 * @throws Error when it cannot be reached or refuses the log-in
 */
export async function logInTo(
  server: SshServer & { readonly name: string },
  timeoutMs: number,
  way?: Duplex,
): Promise<Client> {
  const pinned = parseHostKey(server);
  const privateKey = await known(server.privateKey);
  const agent = process.env.SSH_AUTH_SOCK;
  const unusable = privateKey === undefined ? undefined : utils.parseKey(privateKey);
  if (unusable instanceof Error) {
    // No reason not to compare the server's own key.
    await lookAtHostKey(server, timeoutMs, way);
    throw new Error(`privateKey cannot be used: ${unusable.message}`);
  }
  const client = new Client();
  return new Promise((resolve, reject) => {
    let presented: Buffer | undefined;
    client.on("error", (error) => {
      client.end();
      const found = presented;
      reject(isOther(found, pinned) ? mismatch(server, pinned, found) : error);
    });
    client.on("ready", () => resolve(client));
    client.connect({
      ...(way === undefined ? { host: server.address, port: server.port } : { sock: way }),
      username: server.user,
      readyTimeout: timeoutMs,
      algorithms: algorithmsFor(pinned),
      hostVerifier: (key: Buffer) => {
        presented = key;
        return key.equals(pinned.blob);
      },
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(privateKey === undefined && agent !== undefined ? { agent } : {}),
    });
  });
}

/**
 * Runs one command with this input.
 *
 * @throws Error when the connection ends before the command does
 */
export function runCommand(client: Client, command: string, stdin: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    client.once("close", () => reject(new Error("the connection ended before the command did")));
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let stdout = "";
      channel.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      // "close" comes without a code also when the connection is lost, which is no end of the command.
      channel.on("exit", (code: number | null) => {
        channel.on("close", () => resolve({ exitCode: code ?? 128, stdout }));
      });
      channel.end(stdin);
    });
  });
}

/**
 * Opens a connection from a server to another one.
 *
 * @param timeoutMs how long the server may take to make it; by itself it tries for minutes where packets are dropped
 * @throws Error when it cannot be made
 */
export function forward(client: Client, { address, port }: SshServer, timeoutMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no connection to ${address} port ${port} in time`));
    const timer = setTimeout(late, timeoutMs);
    client.forwardOut("127.0.0.1", 0, address, port, (error, stream) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(stream);
    });
  });
}

/** Keys come from the configuration or the state, so they are always known. */
function known(input: pulumi.Input<string> | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });
}
