import { answer, Fields, refusalsIn } from "./channel";
import { compare } from "./compare";
import { disown } from "./disown";
import { findKeys } from "./find-keys";
import { keyless, ownTurn, ready, turn } from "./gate";
import { keys } from "./keys";
import { look } from "./look";
import { observe } from "./observe";
import { prepare } from "./prepare";
import { probe } from "./probe";
import { rekey, rekeyProfiles } from "./rekey";
import { withdraw } from "./withdraw";

/** What the shell program asks of a container of the service, by name. Input on stdin, answers on stdout. */
const STEPS: Readonly<Record<string, (fields: Fields) => void | Promise<void>>> = {
  look,
  compare,
  observe,
  probe,
  prepare,
  ready,
  keyless,
  keys,
  turn,
  own_turn: ownTurn,
  withdraw,
  disown,
  rekey,
  rekey_profiles: rekeyProfiles,
  find_keys: findKeys,
};

async function main(): Promise<void> {
  // The first line of stdin was this program; the bootstrap leaves the rest here.
  const fields = new Fields((globalThis as { hostStepInput?: string }).hostStepInput ?? "");
  const name = process.argv.at(-1) ?? "";
  const step = STEPS[name];
  if (!step) throw new Error(`unknown step ${name}`);
  await step(fields);
}

main().catch((error: unknown) => {
  const refusals = refusalsIn(error);
  for (const { message } of refusals) answer("refusal", message);
  // A stack trace could quote what was read; the class of the error is enough to find the place.
  if (refusals.length === 0)
    process.stderr.write(`unexpected ${error instanceof Error ? error.name : "error"}\n`);
  process.exitCode = refusals.length > 0 ? 3 : 4;
});
