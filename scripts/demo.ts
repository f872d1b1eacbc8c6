import { Demo } from "./demo/demo";
import { Screen } from "./demo/screen";
import { type Command, type Frame, runCommand } from "./lib/command";
import type { Options, Values } from "./lib/options";

const DEMO = {
  name: "demo",
  summary: `
The whole life of a move on one machine: an operator's VPS as it is today,
\`pulumi up\`, the same assistant behind the gateway, \`pulumi destroy\`, the VPS as
it was. Cloudflare and the providers are emulated on loopback; the engine, sshd,
Docker, workerd and OpenClaw are real. Nothing is left running in any case.`,
  options: {
    keep: {
      type: "flag",
      text: "stop when the VPS has been moved, say how to talk to everything",
    },
  },
  examples: [
    ["", "from beginning to end"],
    ["--keep", "look around; Ctrl-C goes on to pulumi destroy"],
  ],
  exitCodes: { 0: "everything held", 1: "a step did not hold" },
} as const satisfies Command<Options>;

async function demonstrate(
  { keep }: Values<typeof DEMO.options>,
  { progress, interruption }: Frame,
): Promise<number> {
  const screen = new Screen(progress);
  const demo = new Demo(screen, interruption);
  try {
    await demo.prepare();
    await demo.startAsToday();
    await demo.up();
    await demo.askThroughTheGateway();
    await demo.proveNothingChanges();
    if (keep) await demo.keep();
    await demo.destroyAndCompare();
    return 0;
  } finally {
    await demo.close();
    screen.summary();
  }
}

void runCommand(DEMO, demonstrate);
