import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Listening, listen } from "../http/listen";
import type { WorkerScript } from "./worker-script";

/** An address on loopback that stands for one of a Worker's: its workers.dev name, or a custom domain. */
export class WorkerFront {
  /** What serves here; none: 404. */
  target: WorkerScript | undefined;
  #listening!: Listening;

  private constructor() {}

  static async listen(port: number): Promise<WorkerFront> {
    const front = new WorkerFront();
    const server = createServer((request, response) => front.#answer(request, response));
    // An answer may take as long as its provider likes.
    server.requestTimeout = 0;
    front.#listening = await listen(server, port);
    return front;
  }

  get origin(): string {
    return this.#listening.origin;
  }

  close(): Promise<void> {
    return this.#listening.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.target?.serve(request, response)) return;
    request.resume().once("end", () => notFound(response));
  }
}

/** Reported of a workers.dev address without a script behind it. */
function notFound(response: ServerResponse): void {
  response.writeHead(404, { "content-type": "text/plain" }).end("error code: 1042\n");
}
