import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import Anthropic from "@anthropic-ai/sdk";
import fc from "fast-check";
import OpenAI from "openai";
import { bearer, HOST_TOKENS } from "./harness";
import { shareWorker, upstream, worker } from "./shared-worker";
import { answerEvents } from "./upstream";

shareWorker();

const PATH = "/openai/v1/responses";

/** A promise and what settles it. */
function signal(): { promise: Promise<void>; give: () => void } {
  let give = () => {};
  const promise = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { promise, give };
}

/** Sends a request and returns the response as soon as its head is there. */
function open(path: string): Promise<{ response: IncomingMessage; hangUp: () => void }> {
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers: bearer(), agent: false };
    const request = httpRequest(worker.url + path, options, (response) => {
      resolve({ response, hangUp: () => request.destroy() });
    });
    request.on("error", reject);
    request.end("{}");
  });
}

test("the first chunk reaches the client while the upstream is still sending", async () => {
  const clientHasFirst = signal();
  upstream.answer = async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: first\n\n");
    // Nothing more is sent before the client has this one: a Worker that waits for the end would never return.
    await clientHasFirst.promise;
    response.end("data: second\n\n");
  };
  const { response } = await open(PATH);
  const chunks: string[] = [];
  for await (const chunk of response) {
    chunks.push(String(chunk));
    clientHasFirst.give();
  }
  expect(chunks.join("")).toBe("data: first\n\ndata: second\n\n");
  expect(chunks[0]).toBe("data: first\n\n");
});

test("a request's body reaches the upstream while the client is still sending", async () => {
  const upstreamHasFirst = signal();
  upstream.onChunk = upstreamHasFirst.give;
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const options = { method: "POST", headers: bearer(), agent: false };
    const request = httpRequest(worker.url + PATH, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    request.write("first");
    // The rest is sent only when the upstream has this: a Worker that waits for the end would never get one.
    void upstreamHasFirst.promise.then(() => request.end("second"));
  });
  expect(status).toBe(200);
  expect(upstream.only.body.toString()).toBe("firstsecond");
});

/** Text of every kind of character, one to four bytes each. */
const text = fc.string({ unit: "binary", maxLength: 4000 });
/** Where a body is cut: lengths of its pieces, the rest being the last one; one-byte pieces split any character. */
const cuts = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2000 })), { maxLength: 16 });

/** The bytes in pieces of these lengths, and what is left. */
function pieces(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  let start = 0;
  const parts = lengths.map((length) => {
    const piece = bytes.subarray(start, start + length);
    start += length;
    return piece;
  });
  return [...parts, bytes.subarray(start)].filter((piece) => piece.length > 0);
}

/** Writes piece by piece, each when the one before has left, so that they travel as pieces. */
async function writeInPieces(stream: Writable, parts: readonly Buffer[]): Promise<void> {
  for (const piece of parts) await new Promise((sent) => stream.write(piece, sent));
  stream.end();
}

/** Sends a body in pieces and reads the answer as it comes, with nothing decoded. */
async function exchange(parts: readonly Buffer[], acceptEncoding: string) {
  const headers = { ...bearer(), "accept-encoding": acceptEncoding };
  const request = httpRequest(worker.url + PATH, { method: "POST", headers, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    request.on("response", resolve).on("error", reject),
  );
  await writeInPieces(request, parts);
  const response = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { encoding: response.headers["content-encoding"], body: Buffer.concat(chunks) };
}

test("bodies are byte for byte the same both ways, however they are cut, compressed or not (property)", async () => {
  const encodings = fc.constantFrom("gzip" as const, "identity" as const);
  await fc.assert(
    fc.asyncProperty(text, cuts, text, cuts, encodings, async (down, downCuts, up, upCuts, encoding) => {
      upstream.reset();
      const answer = encoding === "gzip" ? gzipSync(down) : Buffer.from(down);
      upstream.answer = async (response) => {
        const compressed = encoding === "gzip" ? { "content-encoding": "gzip" } : {};
        response.writeHead(200, { "content-type": "text/event-stream", ...compressed });
        await writeInPieces(response, pieces(answer, downCuts));
      };

      const reply = await exchange(pieces(Buffer.from(up), upCuts), encoding);

      expect(reply.body.equals(answer)).toBe(true);
      expect(reply.encoding).toBe(encoding === "gzip" ? "gzip" : undefined);
      expect((encoding === "gzip" ? gunzipSync(reply.body) : reply.body).equals(Buffer.from(down))).toBe(
        true,
      );
      expect(upstream.only.body.equals(Buffer.from(up))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("a body's length is passed on, so that the upstream can refuse it by that", async () => {
  await worker.send(PATH, { headers: { ...bearer(), "content-length": "5" }, body: "12345" });
  expect(upstream.only.headers["content-length"]).toBe("5");
});

describe("when the client goes away, the upstream request ends", () => {
  test("while the answer streams", async () => {
    const ended = signal();
    upstream.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      // Goes on for ever: only the Worker's hanging up ends it.
      const timer = setInterval(() => response.write("data: more\n\n"), 10);
      response.on("close", () => {
        clearInterval(timer);
        ended.give();
      });
    };
    const { response, hangUp } = await open(PATH);
    await new Promise((resolve) => response.once("data", resolve));
    response.on("error", () => {});
    hangUp();
    await ended.promise;
  });

  test("before there is an answer", async () => {
    const arrived = signal();
    const ended = signal();
    upstream.answer = (response) => {
      response.on("close", ended.give);
      arrived.give();
    };
    const options = { method: "POST", headers: bearer(), agent: false };
    const request = httpRequest(worker.url + PATH, options);
    request.on("error", () => {});
    request.end("{}");
    await arrived.promise;
    // A reset, as workerd on its own notices a half-closed connection only when it writes.
    request.socket?.resetAndDestroy();
    await ended.promise;
  });
});

describe("the official SDKs read streamed answers", () => {
  test("openai", async () => {
    upstream.answer = answerEvents(
      ["po", "ng"]
        .map((content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}`)
        .concat("data: [DONE]"),
    );
    const client = new OpenAI({ baseURL: `${worker.url}/compat`, apiKey: HOST_TOKENS.vps1, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: "dynamic/support",
      messages: [{ role: "user", content: "ping" }],
      stream: true,
    });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("pong");
    expect(JSON.parse(upstream.only.body.toString())).toMatchObject({
      model: "dynamic/support",
      stream: true,
    });
  });

  test("anthropic", async () => {
    const delta = (text: string) => ({
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text },
    });
    const events = [delta("po"), delta("ng"), { type: "message_stop" }];
    upstream.answer = answerEvents(
      events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}`),
    );
    const client = new Anthropic({
      baseURL: `${worker.url}/anthropic`,
      apiKey: HOST_TOKENS.vps1,
      maxRetries: 0,
    });
    const stream = await client.messages.create({
      model: "claude-sonnet-4-6",
      max_tokens: 9,
      messages: [{ role: "user", content: "ping" }],
      stream: true,
    });
    let text = "";
    for await (const event of stream) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
    }
    expect(text).toBe("pong");
  });

  test("google", async () => {
    const part = (text: string) => ({ candidates: [{ content: { role: "model", parts: [{ text }] } }] });
    upstream.answer = answerEvents(["po", "ng"].map((text) => `data: ${JSON.stringify(part(text))}`));
    const { GoogleGenAI } = await import("@google/genai");
    const httpOptions = { baseUrl: `${worker.url}/google-ai-studio` };
    const client = new GoogleGenAI({ apiKey: HOST_TOKENS.vps1, httpOptions });
    const stream = await client.models.generateContentStream({ model: "gemini-3.1-pro", contents: "ping" });
    let text = "";
    for await (const chunk of stream) text += chunk.text ?? "";
    expect(text).toBe("pong");
    expect(upstream.only.url).toMatch(/\/models\/gemini-3\.1-pro:streamGenerateContent\?alt=sse$/);
  });
});
