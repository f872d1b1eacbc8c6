import { setTimeout as sleep } from "node:timers/promises";
import { type Created, type Difference, type Properties, StateOnlyHandler } from "./handler";

/**
 * `openclaw:index:Drain`: time for what still uses a thing that was replaced. The engine deletes replaced objects after
 * every creation and update of a run, so an update that waits keeps the old one for that long. Making and deleting a
 * drain takes no time.
 */
export class DrainHandler extends StateOnlyHandler {
  readonly #wait: (ms: number) => Promise<unknown>;

  constructor(wait: (ms: number) => Promise<unknown> = sleep) {
    super();
    this.#wait = wait;
  }

  diff(state: Properties, inputs: Properties): Difference {
    return { replaces: [], updates: inputs.of === state.of ? [] : ["of"] };
  }

  async create(inputs: Properties): Promise<Created> {
    return { id: "drain", outputs: inputs };
  }

  async update(_id: string, _state: Properties, inputs: Properties): Promise<Properties> {
    await this.#wait(Number(inputs.seconds) * 1_000);
    return inputs;
  }
}
