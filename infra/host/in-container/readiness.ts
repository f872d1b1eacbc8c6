import { once } from "node:events";
import { get as getPlain, type IncomingMessage } from "node:http";
import { get as getTls } from "node:https";
import { text } from "node:stream/consumers";

/** The status of one answer of `/readyz`: 200 only of an OpenClaw that is ready, 0 where nothing answers. */
export async function readiness(url: string): Promise<number> {
  const options = { agent: false, signal: AbortSignal.timeout(5000) } as const;
  try {
    // No check of the certificate, which is self-signed by default: this asks the very container that it runs in.
    const request = url.startsWith("https:")
      ? getTls(url, { ...options, rejectUnauthorized: false })
      : getPlain(url, options);
    // The time limit may end the request after its answer has begun; what reads the answer hears of that.
    request.on("error", () => {});
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const body = await text(response);
    // A path that OpenClaw does not know answers 200 with the page of its control UI.
    return response.statusCode === 200 && !/"ready"\s*:\s*true/.test(body) ? 404 : (response.statusCode ?? 0);
  } catch {
    return 0;
  }
}
