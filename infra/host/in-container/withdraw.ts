import { answer, type Fields } from "./channel";
import { revert, sameConfig } from "./delta";
import { sameJson } from "./json";
import { readDelta } from "./look";
import { parseConfig } from "./openclaw";

/**
 * Takes our part out of `openclaw.json`: the file as it is, with its layout and comments, where nothing of ours is in it;
 * else the original bytes where nothing else was edited, or the edited file.
 */
export function withdraw(fields: Fields): void {
  const entry = fields.text("entry");
  const original = fields.text("original");
  const text = fields.text("current");
  const current = parseConfig(text, entry);
  const reverted = revert(current, readDelta(fields));
  const untouched = sameConfig(reverted, parseConfig(original, entry));
  const withoutUs = untouched ? original : `${JSON.stringify(reverted, null, 2)}\n`;
  answer("edited", untouched ? "no" : "yes");
  answer("config", sameJson(reverted, current) ? text : withoutUs);
}
