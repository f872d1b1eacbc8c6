/**
 * `npm run demo`: the whole life of a move on one machine — an operator's VPS as it is today, `pulumi up`, the same
 * assistant behind the gateway, `pulumi destroy`, the VPS as it was. Cloudflare and the providers are emulated on
 * loopback; the engine, sshd, Docker, workerd and OpenClaw are real.
 *
 * Exit codes: 0 everything held; 1 a step did not hold; 130 interrupted. Nothing is left running in any case.
 */
import { Demo } from "./demo/demo";
import { Screen } from "./demo/screen";

const HELP = `Usage: npm run demo [-- --keep]

  --keep   stop when the VPS has been moved, print how to talk to everything,
           and go on to pulumi destroy at Ctrl-C
`;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = args.filter((arg) => arg !== "--keep");
  if (unknown.length > 0) {
    process.stderr.write(`Unknown option ${unknown.join(" ")}.\n\n${HELP}`);
    return 2;
  }

  const screen = new Screen();
  const demo = new Demo(screen);
  try {
    await demo.prepare();
    await demo.startAsToday();
    await demo.up();
    await demo.askThroughTheGateway();
    await demo.proveNothingChanges();
    if (args.includes("--keep")) await demo.keep();
    await demo.destroyAndCompare();
    return 0;
  } catch (error) {
    screen.failure(error);
    return demo.interrupted ? 130 : 1;
  } finally {
    await demo.close();
    screen.summary();
  }
}

// An interrupted step may still be waiting for something; everything that matters has been closed.
main(process.argv.slice(2)).then((code) => process.exit(code));
