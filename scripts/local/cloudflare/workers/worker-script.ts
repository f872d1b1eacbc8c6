import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { LOOPBACK } from "../http/listen";
import type { WorkerRequest } from "../types";
import type { WorkerInstance } from "./worker-instance";

/** An instance that serves, or that still has requests to end after it was replaced. */
interface Serving {
  instance: WorkerInstance;
  agent: Agent;
  inFlight: number;
  retired: boolean;
}

/**
 * One script while its versions come and go: each request goes to the version that is deployed when it arrives, and ends
 * there although another one has taken over. Bodies are piped in both directions, so that a streamed answer arrives
 * piece by piece.
 */
export class WorkerScript {
  readonly #name: string;
  readonly #requests: WorkerRequest[];
  #serving: Serving | undefined;
  readonly #stopping = new Set<Promise<void>>();

  /** Each request is noted in `requests` when its answer has ended. */
  constructor(name: string, requests: WorkerRequest[]) {
    this.#name = name;
    this.#requests = requests;
  }

  /** From now on this instance serves; the one before ends when its last request has. */
  replace(instance: WorkerInstance | undefined): void {
    const previous = this.#serving;
    this.#serving = instance && {
      instance,
      // A connection that is kept may be closed by the runtime just when it is used again.
      agent: new Agent({ keepAlive: false }),
      inFlight: 0,
      retired: false,
    };
    if (!previous) return;
    previous.retired = true;
    if (previous.inFlight === 0) this.#stop(previous);
  }

  /** Serves a request. @returns false when nothing is deployed. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const serving = this.#serving;
    if (!serving) return false;
    serving.inFlight++;
    response.once("close", () => {
      this.#note(request, response);
      serving.inFlight--;
      if (serving.retired && serving.inFlight === 0) this.#stop(serving);
    });
    pass(serving, request, response);
    return true;
  }

  #note({ method = "", url = "" }: IncomingMessage, { headersSent, statusCode }: ServerResponse): void {
    const [path = ""] = url.split("?");
    this.#requests.push({ script: this.#name, method, path, status: headersSent ? statusCode : 0 });
  }

  async close(): Promise<void> {
    if (this.#serving) this.#stop(this.#serving);
    await Promise.all(this.#stopping);
  }

  #stop({ instance, agent }: Serving): void {
    agent.destroy();
    const stopped = instance.stop().finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
  }
}

function pass({ instance, agent }: Serving, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, rawHeaders } = request;
  const outgoing = httpRequest({
    host: LOOPBACK,
    port: instance.port,
    method,
    path: url,
    headers: rawHeaders,
    agent,
  });
  outgoing.on("response", (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, incoming.rawHeaders);
    response.flushHeaders();
    incoming.pipe(response);
    incoming.on("error", () => response.destroy());
  });
  outgoing.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { "content-type": "text/plain" }).end("the Worker's runtime is gone\n");
  });
  // A client that leaves takes its request along, as at Cloudflare.
  response.once("close", () => outgoing.destroy());
  request.pipe(outgoing);
}
