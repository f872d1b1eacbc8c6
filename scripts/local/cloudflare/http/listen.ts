import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Loopback, and never another interface: whoever reaches these servers may act as the account's owner. */
export const LOOPBACK = "127.0.0.1";

/**
 * How long an idle connection is kept, in milliseconds. Node's 5 s end just when a client that was held up on a busy
 * machine uses the connection again, and its request fails.
 */
const KEEP_ALIVE = 600_000;

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Starts a server on loopback.
 *
 * @param port 0 lets the system choose.
 * @throws with the port and the way out when the port is taken.
 */
export async function listen(server: Server, port: number): Promise<Listening> {
  server.keepAliveTimeout = KEEP_ALIVE;
  server.listen(port, LOOPBACK);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? "is in use" : String(error);
    throw new Error(
      `Port ${port} on ${LOOPBACK} ${reason}. Stop what listens there, or choose another port.`,
    );
  }
  const { port: bound } = server.address() as AddressInfo;
  return { port: bound, origin: `http://${LOOPBACK}:${bound}`, close: () => closeServer(server) };
}

/** Ends a server with every connection that it still has. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
