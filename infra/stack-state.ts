import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";

interface Exported {
  readonly deployment?: {
    readonly resources?: readonly { readonly urn: string; readonly id?: string; readonly delete?: boolean }[];
  };
}

/** Far above what a state of this project takes. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * The id that a resource without a parent has in this stack's state; undefined when the state has none of that name.
 * The engine tells a program nothing of the kind, so the CLI is asked; secrets stay encrypted in what it prints.
 *
 * @throws RunError when the CLI cannot be run
 */
export async function idInState(type: string, name: string): Promise<string | undefined> {
  const [stack, project] = [pulumi.getStack(), pulumi.getProject()];
  const args = ["stack", "export", "--stack", `${pulumi.getOrganization()}/${project}/${stack}`];
  const urn = `urn:pulumi:${stack}::${project}::${type}::${name}`;
  try {
    const { stdout } = await promisify(execFile)("pulumi", args, {
      env: process.env,
      maxBuffer: MAX_BYTES,
    });
    const { deployment } = JSON.parse(stdout) as Exported;
    return deployment?.resources?.find((resource) => resource.urn === urn && !resource.delete)?.id;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(`The state could not be read with 'pulumi stack export': ${reason}`);
  }
}
