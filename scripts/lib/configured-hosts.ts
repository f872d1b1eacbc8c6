import * as schema from "../../infra/config/schema";
import type { OperatorStack } from "./operator-stack";

/** A present host, with its place in the list `hosts`. */
export type ConfiguredHost = schema.HostInput & { readonly index: number };

/**
 * The present hosts as the operator configured them.
 *
 * @throws Error when `hosts` has problems
 */
export async function configuredHosts(stack: Pick<OperatorStack, "config">): Promise<ConfiguredHost[]> {
  const result = schema.hosts.safeParse((await stack.config("hosts")) ?? []);
  if (!result.success) throw new Error("The configuration has problems; `pulumi preview` names them.");
  return result.data.map((host, index) => ({ ...host, index })).filter(({ state }) => state === "present");
}
