import type { CloudflareStack } from "./cloudflare-stack";

/** Requests in the air at once. */
const LANES = 4;

/** Requests to the Worker, as a host sends them: streamed, one after the other in each of several lanes. */
export class Traffic {
  readonly #stack: CloudflareStack;
  readonly #statuses: number[] = [];
  #lanes: Promise<void>[] = [];
  #running = false;

  constructor(stack: CloudflareStack) {
    this.#stack = stack;
  }

  /** Starts, and returns when the first answer is there. */
  async start(): Promise<void> {
    const { url, token } = await this.#target();
    this.#running = true;
    let first = () => {};
    const answered = new Promise<void>((resolve) => {
      first = resolve;
    });
    this.#lanes = Array.from({ length: LANES }, async () => {
      while (this.#running) {
        this.#statuses.push(await ask(url, token));
        first();
      }
    });
    await answered;
  }

  /** Stops, and returns the status of each request; one that broke off has 0. */
  async stop(): Promise<readonly number[]> {
    this.#running = false;
    await Promise.all(this.#lanes);
    return this.#statuses;
  }

  async once(): Promise<number> {
    const { url, token } = await this.#target();
    return ask(url, token);
  }

  async #target() {
    const { workerUrl } = await this.#stack.stack.outputs();
    return { url: `${String(workerUrl)}/openai/v1/chat/completions`, token: await this.#stack.hostToken() };
  }
}

async function ask(url: string, token: string): Promise<number> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: "gpt-5.4",
        stream: true,
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
    const text = await response.text();
    return response.ok && !text.includes("[DONE]") ? 0 : response.status;
  } catch {
    return 0;
  }
}
