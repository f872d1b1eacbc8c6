import { describeRename } from "../cloudflare/gateway-policy";
import { explain } from "./api-errors";
import {
  type Checked,
  type Created,
  type Difference,
  type Known,
  type Properties,
  type Read,
  StateOnlyHandler,
} from "./handler";
import { differing } from "./properties";

/** Whether an account has a gateway of this id. */
export type GatewayExists = (accountId: string, gatewayId: string) => Promise<boolean>;

/**
 * `openclaw:index:GatewayClaim`: whose gateway it is. A gateway has no place for a mark of ownership, and its API says
 * no more than that an id is taken, so the state remembers what was there before the stack. Asked when the claim is
 * made and when it moves to another id, both at preview; an unchanged claim needs no call. A gateway that was there
 * before outlives the stack unless `retained` says otherwise, also when `adopt` is no longer set.
 */
export class GatewayClaimHandler extends StateOnlyHandler {
  readonly #exists: GatewayExists;

  constructor(exists: GatewayExists) {
    super();
    this.#exists = exists;
  }

  override async check(inputs: Properties, before: Properties | undefined): Promise<Checked> {
    const { accountId, gatewayId, adopt } = claimOf(inputs);
    const isKnown = before !== undefined && differing(PLACE, inputs, before).length === 0;
    const existing = isKnown ? before.existing === true : await this.#look(accountId, gatewayId);
    const failures =
      existing && !isKnown && !adopt
        ? [{ property: "gatewayId", reason: refusal(accountId, gatewayId) }]
        : [];
    return { inputs: { ...inputs, existing, retained: inputs.retained ?? existing }, failures };
  }

  /** `adopt` is for `check` alone. */
  diff(state: Properties, inputs: Properties, { reporter }: Pick<Known, "reporter">): Difference {
    const updates = differing([...PLACE, "retained"], inputs, state);
    if (updates.includes("gatewayId") && !updates.includes("accountId")) {
      const from = { id: String(state.gatewayId), retained: state.retained === true };
      reporter.warn(describeRename(from, String(inputs.gatewayId)));
    }
    return { replaces: [], updates };
  }

  async create(inputs: Properties): Promise<Created> {
    return { id: "gateway-claim", outputs: inputs };
  }

  /** Gone together with the gateway: one that is made under this id later is somebody else's. */
  override async read(id: string, state: Properties): Promise<Read | undefined> {
    const { accountId, gatewayId } = claimOf(state);
    if (!(await this.#exists(accountId, gatewayId))) return undefined;
    return { id, inputs: state, outputs: state };
  }

  async update(_id: string, _state: Properties, inputs: Properties): Promise<Properties> {
    return inputs;
  }

  #look(accountId: string, gatewayId: string): Promise<boolean> {
    return this.#exists(accountId, gatewayId).catch((error: unknown) => {
      throw explain(`Gateway '${gatewayId}' could not be looked for`, error);
    });
  }
}

/** What makes it another gateway. */
const PLACE = ["accountId", "gatewayId"] as const;

function claimOf({ accountId, gatewayId, adopt }: Properties) {
  return { accountId: String(accountId), gatewayId: String(gatewayId), adopt: adopt === true };
}

function refusal(accountId: string, gatewayId: string): string {
  return (
    `Account ${accountId} already has a gateway '${gatewayId}' that this stack did not make. Choose another id ` +
    "(pulumi config set --path gateway.id <id>) or take it over (pulumi config set --path gateway.adopt true): it then " +
    "gets this stack's settings, keeps its logs, and is kept when the stack is destroyed."
  );
}
