import fc from "fast-check";
import type { TokenGenerations } from "../../infra/config/hosts";
import {
  nextStep,
  type RotatedStack,
  type RotationStep,
  rotateHostTokens,
  takeStep,
} from "../../infra/rotation";

type State = Record<string, TokenGenerations>;

/** A stack in memory whose every change and `up` may be the last one of a run. */
class FakeStack implements RotatedStack {
  readonly changes: [RotationStep, string][] = [];
  ups = 0;
  config: State;
  state: State;
  /** Calls until the run dies. */
  life = Number.POSITIVE_INFINITY;

  constructor(config: State, state = config) {
    this.config = config;
    this.state = state;
  }

  async configured(): Promise<State> {
    return { ...this.config };
  }

  async deployed(): Promise<State> {
    return { ...this.state };
  }

  async configure(generations: State, step: RotationStep): Promise<void> {
    this.#live();
    for (const host of Object.keys(generations)) this.changes.push([step, host]);
    this.config = { ...this.config, ...generations };
  }

  async up(): Promise<void> {
    this.#live();
    for (const [host, wanted] of Object.entries(this.config)) {
      // The Worker goes first: for a moment it has the new list while the host still has its old token.
      const held = this.state[host]?.held ?? wanted.held;
      if (!wanted.accepted.includes(held)) throw new Error(`requests of ${host} are refused`);
    }
    // And the other way round: a host changes over at some time after that.
    this.#live();
    this.state = { ...this.config };
    this.ups += 1;
  }

  #live(): void {
    if (this.life-- <= 0) throw new Error("killed");
  }
}

const at = (held: number, ...accepted: number[]): TokenGenerations => ({ held, accepted });

test.each<[TokenGenerations, RotationStep, TokenGenerations]>([
  [at(1, 1), "accept", at(1, 1, 2)],
  [at(1, 1, 2), "hold", at(2, 1, 2)],
  [at(2, 1, 2), "drop", at(2, 2)],
  [at(2, 2), "accept", at(2, 2, 3)],
  [at(3, 1, 2, 3), "drop", at(3, 3)],
  [at(1, 1, 4), "hold", at(4, 1, 4)],
])("%j: next is %s, to %j", (generations, step, expected) => {
  expect(nextStep(generations)).toBe(step);
  expect(takeStep(generations, step)).toEqual(expected);
});

test("all hosts take each step together, and every step is applied", async () => {
  const stack = new FakeStack({ vps1: at(1, 1), vps2: at(4, 4) });
  expect(await rotateHostTokens(stack)).toEqual(["vps1", "vps2"]);
  expect(stack.changes.map(([step, host]) => `${step} ${host}`)).toEqual([
    "accept vps1",
    "accept vps2",
    "hold vps1",
    "hold vps2",
    "drop vps1",
    "drop vps2",
  ]);
  expect(stack.ups).toBe(4);
  expect(stack.state).toEqual({ vps1: at(2, 2), vps2: at(5, 5) });
});

test("one host alone", async () => {
  const stack = new FakeStack({ vps1: at(1, 1), vps2: at(1, 1) });
  expect(await rotateHostTokens(stack, "vps2")).toEqual(["vps2"]);
  expect(stack.state).toEqual({ vps1: at(1, 1), vps2: at(2, 2) });
});

test("a host that the stack does not show with its new token keeps the old one", async () => {
  const stack = new FakeStack({ vps1: at(2, 1, 2) }, { vps1: at(1, 1, 2) });
  stack.up = async () => undefined;
  await expect(rotateHostTokens(stack)).rejects.toThrow(/does not show the new token on vps1/);
  expect(stack.config).toEqual({ vps1: at(2, 1, 2) });
});

test("killed anywhere and started again, each host gets one new token and no request is refused", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(12), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      async (lives, generations) => {
        const start = Object.fromEntries(generations.map((held, index) => [`vps${index}`, at(held, held)]));
        const stack = new FakeStack(start);
        let finished = false;
        for (const life of [...lives, Number.POSITIVE_INFINITY]) {
          if (finished) break;
          stack.life = life;
          finished = await rotateHostTokens(stack).then(
            () => true,
            (error: Error) => {
              if (error.message !== "killed") throw error;
              return false;
            },
          );
        }
        for (const [host, { held }] of Object.entries(start)) {
          expect(stack.state[host]).toEqual(at(held + 1, held + 1));
        }
        expect(stack.config).toEqual(stack.state);
      },
    ),
  );
});
