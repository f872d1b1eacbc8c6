import * as pulumi from "@pulumi/pulumi";
import { createGuard, createSeal, type GuardArgs, HOST_TYPE } from ".";

export interface CutOffHostArgs extends GuardArgs {
  /** The machine does not exist any more: not even `destroy` connects to it. */
  readonly forgotten: boolean;
}

/**
 * A host that the Worker answers no more, and that nobody connects to. What restoring it needs stays in the stack's
 * state: a revoked host can be put back or taken in again later, and a forgotten one must not be restored when its line
 * is removed, which only the state of the run before can say.
 */
export class CutOffHost extends pulumi.ComponentResource {
  constructor(name: string, args: CutOffHostArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(HOST_TYPE, name, {}, opts);
    createGuard(name, args, createSeal(name, this), {
      parent: this,
      ...(opts.dependsOn ? { dependsOn: opts.dependsOn } : {}),
      // An update is an SSH connection, and so is a creation.
      ignoreChanges: ["*"],
      hooks: { beforeCreate: [refuseCreation(name, args)] },
      retainOnDelete: args.forgotten,
    });
    this.registerOutputs({});
  }
}

/** The engine alone knows whether the stack has the host: after a destroy its line may still be there. */
function refuseCreation(name: string, { host, forgotten }: CutOffHostArgs): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${name}-is-known`,
    () => {
      throw new Error(
        `error host_not_set_up: host ${host.name} is ${forgotten ? "forgotten" : "revoked"}, but this stack has not set it up.\n` +
          "  expected: a host that this stack has set up, or no entry of it\n" +
          "  fix: remove its entry from 'hosts', or set its state to 'present'",
      );
    },
    { onDryRun: true },
  );
}
