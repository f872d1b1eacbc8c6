import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Note } from "./progress";

const RETRY_MS = 200;

/**
 * Runs `work` while no other process of this user on this machine runs work of the same name.
 *
 * The lock is a socket in Linux's abstract namespace: binding it is atomic, and the kernel frees it when its owner
 * dies however it dies. So there is no lock file that a killed run could leave behind.
 */
export async function withMachineLock<T>(name: string, work: () => Promise<T>, note?: Note): Promise<T> {
  const lock = await acquire(name, note);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => lock.close(resolve));
  }
}

async function acquire(name: string, note?: Note): Promise<Server> {
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 32);
  const address = `\0openclaw-ai-gateway-${process.getuid?.() ?? 0}-${digest}`;
  for (;;) {
    const server = await tryToListen(address);
    if (server) return server;
    note?.("waiting for another process that does the same");
    await sleep(RETRY_MS);
  }
}

function tryToListen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server.unref()));
  });
}
