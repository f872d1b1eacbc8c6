import type { TokenGenerations } from "./config/hosts";

/**
 * Rotation of host tokens: three configurations, applied one after the other. Where a host stands can be read from its
 * configuration, so an interrupted rotation is taken up again by whoever starts the next one.
 */
export const ROTATION_STEPS = ["accept", "hold", "drop"] as const;

/**
 * `accept`: the Worker accepts a new generation beside the old one. `hold`: the host gets it. `drop`: the Worker
 * accepts it alone.
 */
export type RotationStep = (typeof ROTATION_STEPS)[number];

/** The step that has not been configured yet. */
export function nextStep({ held, accepted }: TokenGenerations): RotationStep {
  if (newest(accepted) > held) return "hold";
  return accepted.length > 1 ? "drop" : "accept";
}

/** The configuration of a step. */
export function takeStep({ held, accepted }: TokenGenerations, step: RotationStep): TokenGenerations {
  switch (step) {
    case "accept":
      return { held, accepted: [...accepted, newest(accepted) + 1] };
    case "hold":
      return { held: newest(accepted), accepted };
    case "drop":
      return { held, accepted: [held] };
  }
}

function newest(accepted: readonly number[]): number {
  return Math.max(...accepted);
}

/** Generations by the host's name. */
export type Generations = Readonly<Record<string, TokenGenerations>>;

/** The stack that is rotated. */
export interface RotatedStack {
  /** Generations of the present hosts, as they are configured. */
  configured(): Promise<Generations>;
  /** The same, as the last `up` that succeeded left them. */
  deployed(): Promise<Generations>;
  /** Changes the configuration of some hosts, of all of them or of none. */
  configure(generations: Generations, step: RotationStep): Promise<void>;
  /**
   * Applies the configuration. A host that got another token has answered with it before this resolves.
   *
   * @throws Error when it could not be applied
   */
  up(why: string): Promise<void>;
}

/**
 * Gives every host, or one of them, a new token. Hosts on which an earlier run was interrupted are brought to the end of
 * that rotation and not rotated once more.
 *
 * @returns the hosts that have another token than before the first, interrupted run
 */
export async function rotateHostTokens(stack: RotatedStack, only?: string): Promise<string[]> {
  const before = await stack.configured();
  const hosts = Object.keys(before).filter((host) => only === undefined || host === only);
  const begun = unfinished(before, await stack.deployed());
  await stack.up("what is configured now, so that the rotation starts from hosts that answer");
  for (const step of ROTATION_STEPS) {
    const configured = await stack.configured();
    const due = hosts.flatMap((host) => {
      const generations = configured[host];
      if (generations === undefined || nextStep(generations) !== step) return [];
      return step === "accept" && begun.has(host) ? [] : [{ host, generations }];
    });
    if (due.length === 0) continue;
    if (step === "drop") refuseEarlyDrop(configured, await stack.deployed());
    const changes = due.map(({ host, generations }) => [host, takeStep(generations, step)]);
    await stack.configure(Object.fromEntries(changes), step);
    await stack.up(`${REASONS[step]}: ${due.map(({ host }) => host).join(", ")}`);
  }
  return hosts;
}

const REASONS: Readonly<Record<RotationStep, string>> = {
  accept: "the Worker accepts a new token beside the old one",
  hold: "the host gets the new token",
  drop: "the Worker refuses the old token",
};

/** Hosts on the way, and those whose last step was written and not applied. */
function unfinished(configured: Generations, deployed: Generations): Set<string> {
  const hosts = Object.entries(configured).filter(
    ([host, generations]) => nextStep(generations) !== "accept" || !isSame(generations, deployed[host]),
  );
  return new Set(hosts.map(([host]) => host));
}

function isSame(a: TokenGenerations, b: TokenGenerations | undefined): boolean {
  return a.held === b?.held && a.accepted.join() === b.accepted.join();
}

/** The last proof before a token is refused: the state says that the host has the other one. */
function refuseEarlyDrop(configured: Generations, deployed: Generations): void {
  const behind = Object.keys(configured).filter((host) => configured[host]?.held !== deployed[host]?.held);
  if (behind.length === 0) return;
  throw new Error(
    `The stack does not show the new token on ${behind.join(", ")}, so no old one is refused yet. ` +
      "Run `pulumi up`, then this command again.",
  );
}
