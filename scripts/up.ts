import { type Command, runCommand } from "./lib/command";
import { ENGINE, ENGINE_CODES, runEngineCommand } from "./lib/engine-command";
import type { Options } from "./lib/options";

const UP = {
  name: "up",
  summary: `
Runs \`pulumi up\` with --continue-on-error: one host's error does not keep the
others from being set up. The last lines say for each host which configuration
is serving: the new one, the previous one, the host's own files, or none because
OpenClaw is stopped; where it cannot be said, why. Below a host where something
is wrong stands the command to look closer.

The engine shows its preview and asks before it does anything, as it always
does. What stands behind a second -- is given to it.`,
  options: ENGINE,
  rest: "options of pulumi up",
  examples: [
    ["--stack prod", "after a preview and a question"],
    ["--stack prod --yes", "for machines"],
    ["--stack prod -- --refresh", "with an option of pulumi's"],
  ],
  exitCodes: ENGINE_CODES,
} as const satisfies Command<Options>;

void runCommand(UP, (values, frame) => runEngineCommand("up", values, frame));
