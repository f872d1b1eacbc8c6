import { remote } from "@pulumi/command";
import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";

const hostKeyPinned: ResourceValidationPolicy = {
  name: "host-key-pinned",
  description: "No command runs on a host, or through a jump host, whose key is not pinned.",
  enforcementLevel: "mandatory",
  validateResource: validateResourceOfType(remote.Command, (command, _, report) => {
    const { connection, create, update, delete: remove } = command;
    // Of a resource that `--exclude` leaves out, the engine shows no properties: nothing is run.
    if (create === undefined && update === undefined && remove === undefined) return;
    const servers = { host: connection ?? {}, "jump host": connection?.proxy };
    for (const [role, server] of Object.entries(servers)) {
      if (server === undefined || isKey(server.hostKey)) continue;
      report(
        `The ${role}'s key is not pinned, so whoever answers at its address gets the secrets. ` +
          "Set hostKey to what 'ssh-keyscan -t ed25519 <address>' prints, once you have compared it.",
      );
    }
  }),
};

function isKey(hostKey: string | undefined): boolean {
  return /^(ssh-|ecdsa-)\S+ [A-Za-z0-9+/]+=*/.test(hostKey ?? "");
}

export const hostPolicies = [hostKeyPinned];
