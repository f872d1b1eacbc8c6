/** How long the gateway may take to answer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** An answer at the gateway's address. */
export interface GatewayAnswer {
  readonly status: number;
  /** The gateway's own code, where it and not the provider refused the request. */
  readonly gatewayCode: number | undefined;
  /** The body's first words: what a person is told when the answer is an unexpected one. */
  readonly text: string;
}

/**
 * Sends a request without a body through the gateway, past its log and its cache.
 *
 * @throws when there is no answer
 */
export async function callGateway(
  url: string,
  method: "GET" | "POST",
  headers: Readonly<Record<string, string>>,
): Promise<GatewayAnswer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, "cf-aig-collect-log": "false", "cf-aig-skip-cache": "true" },
    ...(method === "POST" ? { body: "" } : {}),
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, gatewayCode: gatewayCodeOf(text), text: text.slice(0, 300) };
}

/** `{"name":"AiGatewayError","internalCode":2009,"error":[{"code":2009,…}]}`; a provider's own error has another form. */
function gatewayCodeOf(text: string): number | undefined {
  try {
    const body = JSON.parse(text) as {
      name?: unknown;
      internalCode?: unknown;
      error?: { code?: unknown }[];
    } | null;
    if (body?.name !== "AiGatewayError") return undefined;
    const code = body.internalCode ?? body.error?.[0]?.code;
    return typeof code === "number" ? code : 0;
  } catch {
    return undefined;
  }
}
