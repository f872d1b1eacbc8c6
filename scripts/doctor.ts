import { checksFor } from "./doctor/checks";
import { readDeployment } from "./doctor/deployment";
import { redacted } from "./doctor/redact";
import { announcement, costOf, countsOf, linesOf, summary } from "./doctor/report";
import { runChecks } from "./doctor/run-checks";
import { CONFIG_FILE, type Command, type Frame, JSON_OUTPUT, runCommand, STACK } from "./lib/command";
import { OperatorStack } from "./lib/operator-stack";
import type { Options, Values } from "./lib/options";

const DOCTOR = {
  name: "doctor",
  summary: `
Proves the whole way of a request, from the account to the host: deploying
token, gateway, run token, Worker, every enabled provider and dynamic route, the
gateway's log; then on each VPS what was applied, that no provider key is left,
and that OpenClaw answers. Changes nothing. Each failure comes with its fix.

Asks real models, which costs some cents at most; it says so first.`,
  options: {
    ...STACK,
    ...CONFIG_FILE,
    "no-inference": { type: "flag", text: "ask no model: nothing is spent" },
    ...JSON_OUTPUT,
  },
  examples: [
    ["--stack prod", "after pulumi up"],
    ["--no-inference --json", "every hour, for a monitoring system"],
  ],
  exitCodes: { 0: "all good", 1: "a check failed", 2: "could not run, or wrong usage" },
} as const satisfies Command<Options>;

async function doctor(values: Values<typeof DOCTOR.options>, frame: Frame): Promise<number> {
  const { interruption, paint, print, progress } = frame;
  const stack = await OperatorStack.open({
    stack: values.stack,
    configFile: values["config-file"],
    signal: interruption.signal,
  });
  const deployment = await progress.during(`Reading stack ${stack.name}`, () => readDeployment(stack));
  const checks = checksFor(deployment, { inference: !values["no-inference"] });
  const spending = announcement(checks);
  if (spending !== undefined) progress.say(spending);

  const results = await runChecks(checks, {
    during: (title, run) => progress.during(title, () => interruption.race(run())),
    done: (result) => {
      if (!values.json) print(linesOf(redacted(result, deployment.secrets), paint));
    },
  });
  const counts = countsOf(results);
  print(
    values.json
      ? JSON.stringify(
          {
            stack: stack.name,
            good: counts.failed === 0,
            counts,
            estimate: costOf(checks),
            checks: results.map((result) => redacted(result, deployment.secrets)),
          },
          null,
          2,
        )
      : `\n${summary(results)}`,
  );
  return counts.failed === 0 ? 0 : 1;
}

void runCommand(DOCTOR, doctor);
