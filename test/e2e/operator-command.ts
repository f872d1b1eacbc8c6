import { join } from "node:path";
import { type Finished, run } from "../../scripts/lib/run";
import type { LocalStack } from "../../scripts/local/stack";

/** Runs `npm run <name> -- --stack …` as an operator does, on a local stack. */
export function operatorCommand(name: string, stack: LocalStack, ...args: string[]): Promise<Finished> {
  const script = join(__dirname, "../../scripts", `${name}.ts`);
  const flags = ["--stack", stack.name, ...args];
  return run(process.execPath, ["--import", "tsx", script, ...flags], { env: stack.environment() });
}
