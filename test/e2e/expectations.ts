import type { Finished } from "../../scripts/lib/run";

/** A `pulumi` call that had to succeed; its output is the message when it did not. */
export function succeeded({ exitCode, stdout, stderr }: Finished): void {
  if (exitCode !== 0) throw new Error(`pulumi ended with code ${exitCode}:\n${stdout}\n${stderr}`);
}
