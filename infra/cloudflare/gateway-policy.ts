import type { Gateway } from "../config";

/** What an operator ought to know before agreeing to a gateway: who can read what afterwards, and for how long. */
export function describePolicy(settings: Gateway, retained: boolean): string {
  return `${storage(settings)}; ${caching(settings)}; ${ending(settings, retained)}`;
}

function storage({ collectLogs, logManagement, logManagementStrategy }: Gateway): string {
  if (!collectLogs) return "Prompts and answers are not stored";
  const count = logManagement.toLocaleString("en");
  return logManagementStrategy === "DELETE_OLDEST"
    ? `Prompts and answers are stored, until ${count} newer ones push them out`
    : `Prompts and answers are stored, the first ${count} of them and for good`;
}

function caching({ cacheTtl }: Gateway): string {
  return cacheTtl === 0 ? "cache off" : `answers are cached for ${cacheTtl} s`;
}

function ending({ protect }: Gateway, retained: boolean): string {
  if (protect) return "destroy is refused while gateway.protect is on";
  return retained ? "destroy keeps the gateway and its logs" : "destroy deletes the gateway with its logs";
}

/** What another id means for the gateway that has the stack's traffic today. */
export function describeRename(
  from: { readonly id: string; readonly retained: boolean },
  to: string,
): string {
  const change = `gateway.id changes from '${from.id}' to '${to}': a gateway cannot be renamed, another one takes its place`;
  return from.retained
    ? `${change}. '${from.id}' is kept with its logs, and is no longer part of this stack.`
    : `${change}, and '${from.id}' is deleted with its logs and routes. To keep it, run 'pulumi up' with gateway.retainOnDelete true first.`;
}
