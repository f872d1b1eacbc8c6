import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOf } from "../../infra/stack-status";
import type { OperatorStack } from "./operator-stack";

/**
 * What a run did to a host. `done`: the host has what is configured now, or was put back. `failed`: that went wrong
 * there. A host that the run did not get to has neither.
 */
export type Outcome = "done" | "failed";

/** A run of the engine that has ended. */
export interface EngineRun {
  readonly verb: "up" | "destroy";
  readonly exitCode: number;
  /** By the host's name. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/**
 * How many steps the engine has under way at most, unless the operator says otherwise. Its own default, four for each
 * core, is meant for work of this machine: with it twenty hosts take turns, each of which only waits for its host.
 */
export const STEPS_AT_ONCE = 64;

/** The engine's own variable for `--parallel`, which still wins. */
export function parallel(): { readonly PULUMI_PARALLEL: string } {
  return { PULUMI_PARALLEL: process.env.PULUMI_PARALLEL ?? String(STEPS_AT_ONCE) };
}

/**
 * Runs `pulumi up` or `destroy` on the operator's terminal, so that the engine asks there what it asks. One host's error
 * does not keep the run from the others.
 *
 * @param args what else the engine is told
 */
export async function runEngine(
  stack: OperatorStack,
  verb: EngineRun["verb"],
  args: readonly string[],
): Promise<EngineRun> {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-events-"));
  try {
    const log = join(directory, "events");
    // As Pulumi's Automation API does it: the option is there with that variable alone.
    const exitCode = await stack.show([verb, "--continue-on-error", "--event-log", log, ...args], {
      PULUMI_DEBUG_COMMANDS: "true",
      ...parallel(),
    });
    return { verb, exitCode, outcomes: outcomesIn(textOf(log)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** An engine that was refused its options writes none. */
function textOf(log: string): string {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
}

interface StepEvent {
  readonly metadata: { readonly op: string; readonly urn: string };
  /** Of a preview. */
  readonly planning?: boolean;
}

interface EngineEvent {
  readonly resOutputsEvent?: StepEvent;
  readonly resOpFailedEvent?: StepEvent;
}

/** Steps that leave a host's configuration as it is configured. */
const APPLIED = ["same", "create", "update", "create-replacement", "replace"];
const COMMAND = /^host-(.+)-(guard|apply)$/;

/** What the engine's events say of each host; secrets are masked in them. */
export function outcomesIn(log: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const event of log.split("\n").flatMap(eventIn)) {
    const step = event.resOpFailedEvent ?? event.resOutputsEvent;
    const [, host, command] = COMMAND.exec(nameOf(step?.metadata.urn ?? "")) ?? [];
    if (step === undefined || step.planning === true || host === undefined) continue;
    const { op } = step.metadata;
    if (event.resOpFailedEvent !== undefined) outcomes.set(host, "failed");
    else if (command === "apply" ? APPLIED.includes(op) : op === "delete") outcomes.set(host, "done");
  }
  return outcomes;
}

/** A line of the log; the last one may be cut off. */
function eventIn(line: string): EngineEvent[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as EngineEvent];
  } catch {
    return [];
  }
}
