import { answer, Fields, Refusal } from "./channel";
import { keyless, ready, turn } from "./gate";
import { look } from "./look";
import { observe } from "./observe";
import { prepare } from "./prepare";
import { probe } from "./probe";
import { withdraw } from "./withdraw";

/** What the shell program asks of a container of the service, by name. Input on stdin, answers on stdout. */
const STEPS: Readonly<Record<string, (fields: Fields) => void | Promise<void>>> = {
  look,
  observe,
  probe,
  prepare,
  ready,
  keyless,
  turn,
  withdraw,
};

async function main(): Promise<void> {
  // The first line of stdin was this program; the bootstrap leaves the rest here.
  const fields = new Fields((globalThis as { hostStepInput?: string }).hostStepInput ?? "");
  const name = process.argv.at(-1) ?? "";
  const step = STEPS[name];
  if (!step) throw new Refusal(`unknown step ${name}`);
  await step(fields);
}

main().catch((error: unknown) => {
  // A stack trace could quote what was read; the class of the error is enough to find the place.
  const text =
    error instanceof Refusal ? error.message : `unexpected ${error instanceof Error ? error.name : "error"}`;
  answer("why", error instanceof Refusal ? text : `${text} in step ${process.argv.at(-1)}`);
  process.exitCode = error instanceof Refusal ? 3 : 4;
});
