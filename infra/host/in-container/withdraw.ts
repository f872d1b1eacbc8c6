import { answer, type Fields } from "./channel";
import { revert, sameConfig } from "./delta";
import { readDelta } from "./look";
import { parseConfig } from "./openclaw";

/** Takes our part out of `openclaw.json`: the original bytes where nothing else was edited, else the edited file. */
export function withdraw(fields: Fields): void {
  const entry = fields.text("entry");
  const original = fields.text("original");
  const reverted = revert(parseConfig(fields.text("current"), entry), readDelta(fields));
  const untouched = sameConfig(reverted, parseConfig(original, entry));
  answer("edited", untouched ? "no" : "yes");
  answer("config", untouched ? original : `${JSON.stringify(reverted, null, 2)}\n`);
}
