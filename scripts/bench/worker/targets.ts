import { createHash } from "node:crypto";
import { bundleWorker } from "../../../infra/cloudflare/worker-bundle";
import { GATEWAY_ENDPOINTS } from "../../../infra/llm-providers";
import { DEFAULT_GATEWAY_URL, describeBindings } from "../../../infra/worker/bindings";
import type { Target } from "./workerd";

/** The token that the measured requests carry. */
export const TOKEN = `ocg_${"b".repeat(48)}`;

/** The least that a proxy Worker can do: the yardstick. */
export const BARE: Target = {
  name: "bare",
  code: "export default { fetch(request) { return fetch(request); } };\n",
  bindings: {},
};

/** The deployed bytes, every provider enabled, two hosts with a token each. */
export function deployedWorker(code: string = bundleWorker()): Target {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const accepted = [
    { host: "vps1", generation: 1, sha256: sha256("the token of another host") },
    { host: "vps2", generation: 1, sha256: sha256(TOKEN) },
  ];
  const bindings = describeBindings(GATEWAY_ENDPOINTS).map(({ name, example }) => {
    return [name, typeof example === "string" ? example : JSON.stringify(example)] as const;
  });
  return {
    name: "worker",
    code,
    bindings: {
      ...Object.fromEntries(bindings),
      GATEWAY_URL: DEFAULT_GATEWAY_URL,
      HOST_TOKENS: JSON.stringify(accepted),
    },
  };
}
