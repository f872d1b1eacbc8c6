import { explain } from "./api-errors";
import {
  type Checked,
  type Created,
  type Difference,
  type Properties,
  type Read,
  StateOnlyHandler,
} from "./handler";

/** Whether an account has a gateway of this id. */
export type GatewayExists = (accountId: string, gatewayId: string) => Promise<boolean>;

/**
 * `openclaw:index:GatewayClaim`: whose gateway it is. A gateway has no place for a mark of ownership, and its API says
 * no more than that an id is taken, so the state remembers what was there before the stack. Asked when the claim is
 * made and when it moves to another id, both at preview; an unchanged claim needs no call.
 */
export class GatewayClaimHandler extends StateOnlyHandler {
  readonly #exists: GatewayExists;

  constructor(exists: GatewayExists) {
    super();
    this.#exists = exists;
  }

  override async check(inputs: Properties, before: Properties | undefined): Promise<Checked> {
    const { accountId, gatewayId, adopt } = claimOf(inputs);
    const last = before?.gatewayId === undefined ? undefined : claimOf(before);
    if (last?.accountId === accountId && last.gatewayId === gatewayId) {
      const existing = before?.existing === true;
      return { inputs: { ...inputs, existing, replaced: "", replacedIsKept: false }, failures: [] };
    }
    const existing = await this.#exists(accountId, gatewayId).catch((error: unknown) => {
      throw explain(`Gateway '${gatewayId}' could not be looked for`, error);
    });
    const failures =
      existing && !adopt ? [{ property: "gatewayId", reason: refusal(accountId, gatewayId) }] : [];
    const replaced = last?.accountId === accountId ? last.gatewayId : "";
    return { inputs: { ...inputs, existing, replaced, replacedIsKept: before?.retained === true }, failures };
  }

  /** `adopt` and `retained` are for the next `check` alone. */
  diff(state: Properties, inputs: Properties): Difference {
    const updates = ["accountId", "gatewayId"].filter((key) => inputs[key] !== state[key]);
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
}

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
