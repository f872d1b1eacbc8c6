/** How long the API may take to answer, in milliseconds. */
const TIMEOUT_MS = 15_000;
/** Waits before the further attempts, when there is no answer or a server error. */
const WAITS_MS = [300, 1_500];

/** What the API says to a read. */
export type ApiAnswer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: number | undefined;
      readonly message: string;
    };

/**
 * Reads of the Cloudflare API, for the few questions of the preflight. Not the official SDK: that takes longer to load
 * than the whole of the preflight, and an unchanged preview needs it nowhere else.
 */
export class CloudflareReads {
  readonly #baseUrl: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(baseUrl: string, apiToken: string) {
    this.#baseUrl = baseUrl;
    this.#headers = { authorization: `Bearer ${apiToken}` };
  }

  /**
   * @param path below the API's base, such as `/user/tokens/verify`
   * @throws when the API cannot be reached
   */
  async get(path: string): Promise<ApiAnswer> {
    for (const wait of WAITS_MS) {
      const answer = await this.#attempt(path).catch(() => undefined);
      if (answer !== undefined && (answer.ok || answer.status < 500)) return answer;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return this.#attempt(path);
  }

  async #attempt(path: string): Promise<ApiAnswer> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(this.#baseUrl + path, { headers: this.#headers, signal });
    const text = await response.text();
    const body = parse(text);
    if (response.ok && body?.success === true) return { ok: true, result: body.result };
    const [first] = body?.errors ?? [];
    const message = first?.message ?? (text.slice(0, 100) || `HTTP ${response.status}`);
    return { ok: false, status: response.status, code: first?.code, message };
  }
}

interface Envelope {
  readonly success?: boolean;
  readonly result?: unknown;
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
}

function parse(text: string): Envelope | undefined {
  try {
    return (JSON.parse(text) as Envelope | null) ?? undefined;
  } catch {
    return undefined;
  }
}
