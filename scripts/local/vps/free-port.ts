import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the range that Linux hands to outgoing connections (ip_local_port_range starts at 32768), so that a port
 * that is free now is not taken by a passing connection before its server binds it.
 */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];

/** A port that is free on loopback, for a server that cannot pick one itself. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
