import { z } from "zod";
import type { Reader } from "./reader";

/** What is to become of a host. `docs/fleet.md` has the ways from one to another. */
export const HOST_STATES = ["present", "absent", "revoked", "forgotten"] as const;
export type HostState = (typeof HOST_STATES)[number];

/** Which generations of a host's token there are. */
export interface TokenGenerations {
  /** The one that the host has. */
  readonly held: number;
  /** Those that the Worker accepts, ascending; `held` is one of them. */
  readonly accepted: readonly number[];
}

export const hostState = z.enum(HOST_STATES).default("present");

const generation = z.int().positive();

/** Two fields and not one, so that each step of a rotation is the change of one value. */
export const tokenGenerations = z
  .strictObject({ held: generation.default(1), accepted: z.array(generation).min(1).optional() })
  .prefault({})
  .transform(({ held, accepted }): TokenGenerations => ({ held, accepted: ascending(accepted ?? [held]) }))
  .superRefine(({ held, accepted }, context) => {
    if (accepted.includes(held)) return;
    context.addIssue({
      code: "custom",
      path: ["accepted"],
      message: `without ${held}, the one that the host has (held), every request of the host would be refused`,
    });
  });

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

interface Place {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly hostKey: string;
  readonly directory: string;
  readonly state: HostState;
}

/** A name or a project directory that two hosts of the list share. */
export function refuseSharedHosts(reader: Reader, hosts: readonly Place[]): void {
  hosts.forEach((host, index) => {
    const before = hosts.slice(0, index);
    const sameName = before.findIndex(({ name }) => name === host.name);
    if (sameName !== -1) {
      reader.add(["hosts", index, "name"], host.name, `also the name of hosts[${sameName}]`);
    }
    const samePlace = before.findIndex((other) => isSamePlace(other, host));
    if (samePlace !== -1) {
      reader.add(
        ["hosts", index, "directory"],
        host.directory,
        `also the directory of hosts[${samePlace}] on that machine; two hosts would undo each other's changes`,
      );
    }
  });
}

/** Machines behind one address are told apart by their ports, unless they show the same host key. */
function isSamePlace(a: Place, b: Place): boolean {
  if (a.state === "forgotten" || b.state === "forgotten") return false;
  if (a.address.toLowerCase() !== b.address.toLowerCase()) return false;
  return (a.port === b.port || a.hostKey === b.hostKey) && plainPath(a.directory) === plainPath(b.directory);
}

function plainPath(directory: string): string {
  return directory.replace(/\/+(\.?\/+)*/g, "/").replace(/\/\.?$/, "");
}
