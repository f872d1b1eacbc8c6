import { type Fields, Refusal } from "./channel";
import { lastLines, openclaw } from "./openclaw";

/**
 * Lets OpenClaw 2026.9.6 read its live configuration once, in a command that changes nothing. It remembers what it last
 * knew; when it later finds a configuration without `meta` or half as long, which it has not seen yet, and a `.bak`
 * beside it, it puts the `.bak` in its place. `config validate` does not make it remember; this command does.
 */
export function observe(fields: Fields): void {
  const finished = openclaw(fields.text("entry"), ["models", "status", "--json"], { seconds: 120 });
  if (finished.code !== 0)
    throw new Refusal(
      "config_unreadable",
      `OpenClaw cannot read its configuration: ${lastLines(finished)}`,
      "a configuration that OpenClaw accepts",
      "openclaw config validate",
    );
}
