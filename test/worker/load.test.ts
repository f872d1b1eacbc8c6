import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BARE, deployedWorker, TOKEN } from "../../scripts/bench/worker/targets";
import { peakMemory, startWorkerd, type Target } from "../../scripts/bench/worker/workerd";

/** Runs one check against a Worker in a plain workerd process of its own, in front of that server. */
async function withWorkerd<T>(
  target: Target,
  server: Server,
  check: (port: number, pid: number) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "worker-load-"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const upstreamPort = (server.address() as AddressInfo).port;
  const workerd = await startWorkerd(target, { directory, upstreamPort });
  try {
    return await check(workerd.port, workerd.pid);
  } finally {
    await workerd.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  }
}

/** Sends a body and returns the whole answer. */
function post(port: number, agent: Agent, body: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}`, "content-length": body.length };
    const path = "/openai/v1/responses";
    const request = httpRequest(
      { host: "127.0.0.1", port, path, method: "POST", agent, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString()));
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

test("1,000 concurrent streams arrive whole", async () => {
  const STREAMS = 1000;
  const EVENTS = 20;
  const eventsOf = (stream: string) =>
    Array.from(
      { length: EVENTS },
      (_, index) => `data: {"stream":"${stream}","index":${index},"text":"é🐎"}\n\n`,
    );
  let open = 0;
  let mostOpen = 0;
  let everybodyIsHere = () => {};
  const started = new Promise<void>((resolve) => {
    everybodyIsHere = resolve;
  });
  const server = createServer(async (request, response) => {
    let stream = "";
    for await (const chunk of request) stream += chunk;
    mostOpen = Math.max(mostOpen, ++open);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const [first = "", ...others] = eventsOf(stream);
    response.write(first);
    if (open === STREAMS) everybodyIsHere();
    // All of them are open before any goes on.
    await started;
    for (const event of others) await new Promise((sent) => response.write(event, sent));
    open--;
    response.end();
  });
  await withWorkerd(deployedWorker(), server, async (port) => {
    const agent = new Agent({ maxSockets: STREAMS });
    const names = Array.from({ length: STREAMS }, (_, index) => `stream-${index}`);
    const answers = await Promise.all(names.map((name) => post(port, agent, name)));
    names.forEach((name, index) => {
      expect(answers[index]).toBe(eventsOf(name).join(""));
    });
    agent.destroy();
  });
  expect(mostOpen).toBe(STREAMS);
});

test("four uploads of 10 MB at a time take at most 5 MB more memory than a bare Worker", async () => {
  const MEGABYTE = 1024 * 1024;
  const body = Buffer.alloc(10 * MEGABYTE, "x");
  /** By how much the process grows from its first small request to its largest size. */
  const growth = async (target: Target): Promise<number> => {
    const server = createServer(async (request, response) => {
      let length = 0;
      for await (const chunk of request) length += (chunk as Buffer).length;
      response.end(String(length));
    });
    return withWorkerd(target, server, async (port, pid) => {
      const agent = new Agent({ keepAlive: true });
      for (let index = 0; index < 20; index++) await post(port, agent, "small");
      const before = peakMemory(pid);
      for (let round = 0; round < 4; round++) {
        const answers = await Promise.all(Array.from({ length: 4 }, () => post(port, agent, body)));
        for (const answer of answers) expect(answer).toBe(String(body.length));
      }
      agent.destroy();
      return peakMemory(pid) - before;
    });
  };
  const median = async (target: Target): Promise<number> => {
    const growths = [await growth(target), await growth(target), await growth(target)];
    return growths.sort((a, b) => a - b)[1] ?? Number.NaN;
  };
  const bare = await median(BARE);
  const worker = await median(deployedWorker());
  expect(worker - bare).toBeLessThanOrEqual(5 * MEGABYTE);
});
