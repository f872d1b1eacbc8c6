import { setTimeout as sleep } from "node:timers/promises";
import { checkRunToken, type RunTokenVerdict } from "../run-token-check";
import { type Created, type Difference, type Properties, StateOnlyHandler } from "./handler";

/**
 * Waits between attempts, a minute in all: a new token and a new gateway take a while until every data centre knows
 * them. Cloudflare does not say how long.
 */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * `openclaw:index:RunTokenTrial`: a token that the gateway is known to accept. Whoever takes the token from here gets
 * it after the trial.
 */
export class RunTokenTrialHandler extends StateOnlyHandler {
  readonly #wait: (ms: number) => Promise<unknown>;

  constructor(wait: (ms: number) => Promise<unknown> = sleep) {
    super();
    this.#wait = wait;
  }

  diff(state: Properties, inputs: Properties): Difference {
    return { replaces: [], updates: ["gatewayUrl", "token"].filter((key) => inputs[key] !== state[key]) };
  }

  async create(inputs: Properties): Promise<Created> {
    await this.#try(inputs);
    return { id: "run-token-trial", outputs: inputs };
  }

  async update(_id: string, _state: Properties, inputs: Properties): Promise<Properties> {
    await this.#try(inputs);
    return inputs;
  }

  async #try({ gatewayUrl, token }: Properties): Promise<void> {
    let refusal = "";
    for (const wait of [0, ...WAITS_MS]) {
      if (wait > 0) await this.#wait(wait);
      const outcome = await refusedRunToken(String(gatewayUrl), String(token));
      if (outcome === undefined) return;
      refusal = outcome;
    }
    throw new Error(refusal);
  }
}

/** Why the gateway does not take a run token; undefined when it does. */
export async function refusedRunToken(gatewayUrl: string, token: string): Promise<string | undefined> {
  const verdict = await checkRunToken(gatewayUrl, token);
  return verdict === "accepted" ? undefined : explained(verdict, gatewayUrl);
}

function explained(verdict: Exclude<RunTokenVerdict, "accepted">, gatewayUrl: string): string {
  if (typeof verdict === "object") return verdict.unexpected;
  if (verdict === "no such gateway") return `AI Gateway does not know a gateway at ${gatewayUrl} (2001)`;
  return (
    "AI Gateway does not accept the run token (2009). It needs the permissions 'AI Gateway Run' and 'Workers AI " +
    "Read' on this account, and must neither have expired nor be limited to other addresses. A token of this " +
    "stack's own can be made anew: pulumi config set --path runToken.rotation <a new text>"
  );
}
