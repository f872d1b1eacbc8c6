import type { LookArgs } from ".";
import { HOST_LOOK_SECONDS } from "./host-config";
import { runOnHost } from "./jump-host";
import { hostCommand, hostStdin } from "./payload";
import { lookPayload } from "./payloads";
import { hostProgram } from "./program";
import { type HostLook, readReport } from "./report";

/**
 * Asks a host what somebody changed there since the last apply, and what an apply would change now. Only reads; the host
 * is sent no secret.
 *
 * @param later what the host is to call; the connection is made meanwhile
 * @throws HostKeyMismatch, also of the jump host. Nothing else is an obstacle.
 */
export async function lookAt(
  args: Omit<LookArgs, "url">,
  later: { readonly url: Promise<string> },
): Promise<HostLook> {
  const limitMs = (args.host.lookSeconds ?? HOST_LOOK_SECONDS) * 1_000;
  const stdin = later.url.then((url) => hostStdin(hostProgram(), lookPayload({ ...args, url })));
  const result = await runOnHost(args.host, { command: hostCommand("plan"), stdin, limitMs }, limitMs);
  return "unreachable" in result ? { unseen: result.unreachable } : readReport(result.stdout);
}
