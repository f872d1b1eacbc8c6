import { type Command, runCommand } from "./lib/command";
import { ENGINE, ENGINE_CODES, runEngineCommand } from "./lib/engine-command";
import type { Options } from "./lib/options";

const DESTROY = {
  name: "destroy",
  summary: `
Runs \`pulumi destroy\` with --continue-on-error: one host's error does not keep
the others from being put back. The Cloudflare side goes when every host has its
own files again and answers on them. The last lines say for each host which
configuration is serving; below one that is not back stands the command to look
closer.

The engine shows its preview and asks before it does anything, as it always
does. What stands behind a second -- is given to it.`,
  options: ENGINE,
  rest: "options of pulumi destroy",
  examples: [
    ["--stack prod", "after a preview and a question"],
    ["--stack prod --yes", "for machines"],
  ],
  exitCodes: ENGINE_CODES,
} as const satisfies Command<Options>;

void runCommand(DESTROY, (values, frame) => runEngineCommand("destroy", values, frame));
