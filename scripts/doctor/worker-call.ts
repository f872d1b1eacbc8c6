import { causeOf } from "../../infra/fetch-cause";

/** An answer at the Worker's address. */
export interface WorkerAnswer {
  /** 0: there was none, `text` says why. */
  readonly status: number;
  /** The Worker's own error code, where the error is its own. */
  readonly code: string | undefined;
  /** The entry in the gateway's log; undefined when the request never got there. */
  readonly logId: string | undefined;
  /** What a dynamic route was served by. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** Place of the step that served in a dynamic route, 0 first. */
  readonly step: string | undefined;
  /** The beginning of the body, on one line. */
  readonly text: string;
}

/** A model may think for a while. */
const TIMEOUT_MS = 60_000;

/** Sends a request as a host does; with a body it is a POST. The answer is never cached. */
export async function askWorker(
  url: string,
  token: string | undefined,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<WorkerAnswer> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).replace(/\s+/g, " ").slice(0, 200);
    const header = (name: string) => response.headers.get(name) ?? undefined;
    return {
      status: response.status,
      code: header("x-worker-error"),
      logId: header("cf-aig-log-id"),
      provider: header("cf-aig-provider"),
      model: header("cf-aig-model"),
      step: header("cf-aig-step"),
      text,
    };
  } catch (error) {
    const none = {
      code: undefined,
      logId: undefined,
      provider: undefined,
      model: undefined,
      step: undefined,
    };
    return { status: 0, ...none, text: causeOf(error) };
  }
}
