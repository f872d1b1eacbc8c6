import { z } from "zod";
import type { Field } from "./field";
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

const HOST_KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/;

/** An SSH server and how to log in there: with a private key, or with the keys of the operator's SSH agent. */
export const sshServer = {
  address: z.string().regex(/^[A-Za-z0-9.:-]+$/),
  port: z.int().min(1).max(65_535).default(22),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/)
    .default("root"),
  privateKey: z
    .string()
    .regex(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\s/)
    .optional(),
  agent: z.boolean().default(false),
  hostKey: z
    .string()
    .regex(HOST_KEY)
    .transform((line) => line.split(" ").slice(0, 2).join(" ")),
};

/** Neither of the two would be found out at the host; both would be a guess. */
export function oneLogIn(
  { privateKey, agent }: { privateKey?: string | undefined; agent: boolean },
  context: z.RefinementCtx,
): void {
  if ((privateKey === undefined) === agent) return;
  const message = agent ? "agent is set too" : "nor is agent";
  context.addIssue({ code: "custom", path: ["privateKey"], message });
}

export const jumpHost = z.strictObject(sshServer).superRefine(oneLogIn);

/** What is said of the keys of {@link sshServer}, below the given path. */
export function sshServerFields(path: string, user: string): Readonly<Record<string, Field>> {
  return {
    [`${path}.address`]: { allowed: "a host name or an IP address", example: "203.0.113.7" },
    [`${path}.port`]: { allowed: "1 to 65535", example: "22" },
    [`${path}.user`]: { allowed: user, example: "root" },
    [`${path}.privateKey`]: {
      allowed: "an SSH private key, the file's contents; or agent: true in its place",
      secret: true,
    },
    [`${path}.agent`]: { allowed: "true (the keys of your SSH agent are tried) or false", example: "true" },
    [`${path}.hostKey`]: {
      allowed: "the server's public key, 'ssh-ed25519 AAAA…' or an ECDSA one",
      example: "'ssh-ed25519 <from ssh-keyscan -t ed25519>'",
    },
  };
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

interface Place {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly hostKey: string;
  readonly jumpHost?: { readonly address: string } | undefined;
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

/** Machines behind one address are told apart by their ports and by the way to them, unless they show one host key. */
function isSamePlace(a: Place, b: Place): boolean {
  if (a.state === "forgotten" || b.state === "forgotten") return false;
  if (a.address.toLowerCase() !== b.address.toLowerCase()) return false;
  const sameWay = a.port === b.port && a.jumpHost?.address === b.jumpHost?.address;
  return (sameWay || a.hostKey === b.hostKey) && plainPath(a.directory) === plainPath(b.directory);
}

function plainPath(directory: string): string {
  return directory.replace(/\/+(\.?\/+)*/g, "/").replace(/\/\.?$/, "");
}
