import { runOnHost } from "../../infra/host/jump-host";
import { hostCommand, lookStdin } from "../../infra/host/payload";
import { type HostInState, type HostStatus, readStatus } from "../../infra/stack-status";
import { CONNECT_MS } from "./connect-limits";

/** It compares a few files and asks Docker once. */
const LOOK_MS = 30_000;

/** What is found on a host. It is only read, and sent no secret; one that does not answer is `unknown`. */
export async function askHost(host: HostInState): Promise<HostStatus> {
  const { name, cutOff, server, stdin, applyStdin } = host;
  if (cutOff) return { name, serving: "cut off", drift: [], notes: ["revoked or forgotten"] };
  const command = { command: hostCommand("status"), stdin: lookStdin(applyStdin ?? stdin), limitMs: LOOK_MS };
  const result = await runOnHost(server, command, CONNECT_MS.glance).catch((error: Error) => ({
    unreachable: error.message,
  }));
  if ("unreachable" in result) return { name, serving: "unknown", drift: [], notes: [result.unreachable] };
  return readStatus(name, result.stdout);
}
