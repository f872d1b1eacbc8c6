import { renameSync, writeFileSync } from "node:fs";
import { recoveryKit } from "../infra/recovery-kit";
import { hostsInState } from "../infra/stack-status";
import { type Command, type Frame, JSON_OUTPUT, runCommand, STACK } from "./lib/command";
import { OperatorStack } from "./lib/operator-stack";
import { type Options, UsageError, type Values } from "./lib/options";

const RECOVERY_KIT = {
  name: "recovery-kit",
  summary: `
Writes what puts the hosts of a stack back when its state or pass phrase is
lost, encrypted to your own age key: the pass phrases of what is sealed on the
hosts, where these are with their pinned keys, and the program that runs there.
Keep it where the state is not. Make a new one when a host was added, and after
an update of this project.`,
  options: {
    ...STACK,
    recipient: { type: "text", value: "age1…", text: "your public key, as age-keygen prints it" },
    out: { type: "text", value: "FILE", text: "where to; a file that is there is replaced" },
    ...JSON_OUTPUT,
  },
  examples: [["--recipient age1… --out prod.age", "the selected stack"]],
  exitCodes: { 0: "written", 1: "not written" },
} as const satisfies Command<Options>;

async function kit(
  { stack: named, recipient, out, json }: Values<typeof RECOVERY_KIT.options>,
  { print, interruption }: Frame,
): Promise<number> {
  if (recipient === undefined || out === undefined) throw new UsageError("--recipient and --out are needed.");
  // An ECMAScript module, which a CommonJS one can only import while it runs.
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new UsageError(`--recipient takes a public key of age, 'age1…', not '${recipient}'.`);
  }
  const stack = await OperatorStack.open({ stack: named, signal: interruption.signal });
  const hosts = hostsInState(await stack.exported());
  if (hosts.length === 0)
    throw new Error(`Stack ${stack.name} has set up no host, so nothing depends on it.`);
  const text = recoveryKit(stack.name, hosts, new Date());
  writeFileSync(`${out}.new`, armor.encode(await encrypter.encrypt(text)), { mode: 0o600 });
  renameSync(`${out}.new`, out);
  const names = hosts.map(({ name }) => name);
  print(
    json
      ? JSON.stringify({ stack: stack.name, file: out, hosts: names }, null, 2)
      : `${out}: ${names.join(", ")}\nHow to use it: docs/operations.md, "Lost state".`,
  );
  return 0;
}

void runCommand(RECOVERY_KIT, kit);
