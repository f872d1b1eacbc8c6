import { type Created, type Difference, type Properties, StateOnlyHandler } from "./handler";

/**
 * `openclaw:index:HostDrift`: how often a host was found changed by somebody else. Each time the count goes up, which is
 * part of what the host's apply is told, so that the same run applies that host again and no other.
 *
 * The program asks the hosts, all at once and over the connection on which it compares their keys, and hands over what
 * it found: the engine asks for one difference after the other, and would wait for each host that is down.
 */
export class HostDriftHandler extends StateOnlyHandler {
  /** What the last run found was put right by it, so only what is found now counts. */
  diff(_state: Properties, { drift }: Properties): Difference {
    return { replaces: [], updates: Array.isArray(drift) && drift.length > 0 ? ["drift"] : [] };
  }

  async create(inputs: Properties): Promise<Created> {
    return { id: "host-drift", outputs: { ...inputs, epoch: 0 } };
  }

  async update(_id: string, state: Properties, inputs: Properties): Promise<Properties> {
    return { ...inputs, epoch: Number(state.epoch) + 1 };
  }
}
