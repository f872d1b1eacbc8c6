import { randomBytes } from "node:crypto";
import type { GatewayLogEntry } from "../types";

/** Requests remembered; far more than a run makes. */
const KEEP = 10_000;

/** Letters of a ULID, which is the form of real log ids. */
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** What passed the gateway, oldest first. */
export class GatewayLog {
  readonly #entries: GatewayLogEntry[] = [];

  add(entry: GatewayLogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > KEEP) this.#entries.shift();
  }

  entries(): readonly GatewayLogEntry[] {
    return this.#entries;
  }

  /** Deleting a gateway deletes its stored logs; what passed is still known to `gatewayLog()`. */
  forget(gatewayId: string): void {
    for (const entry of this.#entries) if (entry.gatewayId === gatewayId) entry.stored = false;
  }
}

/** A new log id: opaque, 26 characters, later ones sort after earlier ones. */
export function newLogId(at = Date.now()): string {
  let time = "";
  for (let rest = at, index = 0; index < 10; index++, rest = Math.floor(rest / 32)) {
    time = CROCKFORD.charAt(rest % 32) + time;
  }
  return time + Array.from(randomBytes(16), (byte) => CROCKFORD.charAt(byte % 32)).join("");
}
