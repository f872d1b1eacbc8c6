import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** An SSH server and how to log in there. */
export interface SshServer {
  /** DNS name or IP address. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Contents (not the path) of the private key. A secret. Left out: the keys of the SSH agent are tried. */
  readonly privateKey?: pulumi.Input<string> | undefined;
  /** The pinned public host key, `ssh-ed25519 AAAA…` or `ecdsa-sha2-nistp256 AAAA…`. */
  readonly hostKey: string;
}

/** How the command provider reaches a host. A secret as a whole. */
export function connectionTo(
  host: SshServer & { readonly jumpHost?: SshServer | undefined },
): pulumi.Output<types.input.remote.ConnectionArgs> {
  const { jumpHost } = host;
  return pulumi.secret({
    ...logIn(host),
    ...(jumpHost === undefined ? {} : { proxy: logIn(jumpHost) }),
  });
}

/**
 * The agent's socket is not named: it is another one after each log-in of the operator, and a changed connection would
 * apply the host again. The provider finds it in SSH_AUTH_SOCK.
 */
function logIn({ address, port, user, hostKey, privateKey }: SshServer) {
  return {
    host: address,
    port,
    user,
    hostKey,
    ...(privateKey === undefined ? {} : { privateKey }),
    // The default of eleven tries would look like an attack to fail2ban.
    dialErrorLimit: 2,
  };
}

/**
 * The engine would find out at the first host, after everything at Cloudflare was made.
 *
 * @throws Error when a host is logged in to with the keys of an SSH agent, and there is none
 */
export function refuseMissingAgent({
  name,
  privateKey,
  jumpHost,
}: SshServer & { readonly name: string; readonly jumpHost?: SshServer | undefined }): void {
  const usesAgent = privateKey === undefined || (jumpHost !== undefined && jumpHost.privateKey === undefined);
  if (!usesAgent || process.env.SSH_AUTH_SOCK) return;
  throw new Error(
    `error agent_missing: host ${name}: 'agent' is set, but there is no SSH agent (SSH_AUTH_SOCK is not set).\n` +
      "  expected: an agent with a key that the host takes\n" +
      '  fix: eval "$(ssh-agent)" && ssh-add',
  );
}
