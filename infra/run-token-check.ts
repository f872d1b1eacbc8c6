import { causeOf } from "./fetch-cause";
import { callGateway } from "./gateway-call";

const UNKNOWN_GATEWAY = 2001;
const UNAUTHORIZED = 2009;

/** What the gateway makes of a token. `unexpected` says what came in place of an answer of AI Gateway. */
export type RunTokenVerdict = "accepted" | "refused" | "no such gateway" | { readonly unexpected: string };

/** Shows a token to the gateway with an empty request, which costs nothing: it is refused in any case. */
export async function checkRunToken(gatewayUrl: string, token: string): Promise<RunTokenVerdict> {
  const url = `${gatewayUrl}/compat/chat/completions`;
  const headers = { "content-type": "application/json", "cf-aig-authorization": `Bearer ${token}` };
  try {
    const { status, gatewayCode, text } = await callGateway(url, "POST", headers);
    if (gatewayCode === UNAUTHORIZED) return "refused";
    if (gatewayCode === UNKNOWN_GATEWAY) return "no such gateway";
    // Every other error of the gateway's own is about the empty request, so the token was accepted.
    if (gatewayCode !== undefined || status === 400) return "accepted";
    return {
      unexpected: `${url} answered with HTTP ${status}, which is no answer of AI Gateway: ${text.slice(0, 100)}`,
    };
  } catch (error) {
    return { unexpected: `AI Gateway cannot be reached at ${url}: ${causeOf(error)}` };
  }
}
