import { setTimeout as sleep } from "node:timers/promises";
import type { LocalVps } from "../../scripts/local/vps";
import { ANTHROPIC } from "./operator-session";

/** Each writes in a conversation of his own. */
const PEOPLE = ["Ada", "Ben", "Eve"];
/** Between two tries of one message. */
const RETRY_MS = 300;
const LOOK_MS = 100;
/** No connection, or one that ended before OpenClaw had said a word. */
const NOT_CONNECTED = ["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET"];

/**
 * What became of the messages. OpenClaw has *taken* a message when it begins its answer: it streams, and sends the
 * status when the turn begins. From then on the answer has to come, whole. While it stops and starts it takes none, and
 * says so (503 `gateway_unavailable`) or does not listen: such a message is sent again until it is taken.
 */
export interface Messages {
  answered: number;
  /** What came in the place of an answer. */
  failed: string[];
  /** How many had been taken and were not answered yet, each time that OpenClaw stopped taking any. */
  inFlightAtStop: number[];
  /** How often each person had to send a message again, however many tries that took. */
  putOff: number[];
}

/** People who talk to a running OpenClaw at the same time: as soon as one is answered, he writes the next message. */
export class Conversations {
  readonly #vps: LocalVps;
  readonly #token: string;
  readonly #messages: Messages = {
    answered: 0,
    failed: [],
    inFlightAtStop: [],
    putOff: PEOPLE.map(() => 0),
  };
  #inFlight = 0;
  #running = true;
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(vps: LocalVps, token: string) {
    this.#vps = vps;
    this.#token = token;
  }

  /** Returns when each has had his first answer. */
  static async start(vps: LocalVps): Promise<Conversations> {
    const { OPENCLAW_GATEWAY_TOKEN: token = "" } = await vps.containerEnvironment();
    const conversations = new Conversations(vps, token);
    await Promise.all(PEOPLE.map((_, person) => conversations.#deliver(person)));
    conversations.#ended = Promise.all([
      conversations.#watch(),
      ...PEOPLE.map((_, person) => conversations.#talk(person)),
    ]);
    return conversations;
  }

  /** Waits for the answers to what has been sent. */
  async stop(): Promise<Messages> {
    this.#running = false;
    await this.#ended;
    return this.#messages;
  }

  async #talk(person: number): Promise<void> {
    while (this.#running) await this.#deliver(person);
  }

  async #deliver(person: number): Promise<void> {
    if (await this.#send(person)) return;
    this.#messages.putOff[person] = (this.#messages.putOff[person] ?? 0) + 1;
    do await sleep(RETRY_MS);
    while (this.#running && !(await this.#send(person)));
  }

  /** @returns false when it is to be sent again: OpenClaw has not taken it */
  async #send(person: number): Promise<boolean> {
    try {
      const response = await this.#post(person);
      const text = response.status === 200 ? await this.#read(response) : await response.text();
      if (response.status === 503 && text.includes('"gateway_unavailable"')) return false;
      if (response.status === 200 && isWhole(text)) this.#messages.answered++;
      else this.#messages.failed.push(`${response.status} ${text.slice(-300)}`);
    } catch (error) {
      if (NOT_CONNECTED.includes(codeOf(error))) return false;
      this.#messages.failed.push(codeOf(error));
    }
    return true;
  }

  #post(person: number): Promise<Response> {
    return fetch(`${this.#vps.gatewayUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: "openclaw",
        user: PEOPLE[person],
        stream: true,
        messages: [{ role: "user", content: "Are you there?" }],
      }),
    });
  }

  /** The answer to a message that was taken; one that breaks off is no whole one. */
  async #read(response: Response): Promise<string> {
    this.#inFlight++;
    const text = await response.text().catch((error: unknown) => `broken off: ${codeOf(error)}`);
    this.#inFlight--;
    return text;
  }

  /** OpenClaw finishes what it has taken before it stops, and says meanwhile that it does. */
  async #watch(): Promise<void> {
    let stopping = false;
    while (this.#running) {
      const before = stopping;
      stopping = await this.#isStopping();
      if (stopping && !before) this.#messages.inFlightAtStop.push(this.#inFlight);
      await sleep(LOOK_MS);
    }
  }

  async #isStopping(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#vps.gatewayUrl}/readyz`);
      return (await response.text()).includes('"gateway-draining"');
    } catch {
      return false;
    }
  }
}

/** The code of a failed `fetch`. */
function codeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? String(error);
}

/** Whether a streamed answer is the model's, to its end. */
function isWhole(stream: string): boolean {
  const events = stream.split("\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice(6)] : []));
  const choices = events.flatMap((event) => (JSON.parse(event) as ChatChunk).choices ?? []);
  const text = choices.map(({ delta }) => delta.content ?? "").join("");
  const ended = choices.at(-1)?.finish_reason === "stop" && stream.trimEnd().endsWith("data: [DONE]");
  return ended && text.startsWith(`pong from ${ANTHROPIC}: `);
}

interface ChatChunk {
  choices?: { delta: { content?: string }; finish_reason?: string | null }[];
}
