import { randomBytes } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
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

test("bodies are byte for byte the same both ways, however they are cut (property)", async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.uint8Array({ maxLength: 5000 }), async (chunks, upload) => {
      upstream.reset();
      upstream.answer = async (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const chunk of chunks) await new Promise((sent) => response.write(chunk, sent));
        response.end();
      };
      const reply = await worker.send(PATH, { headers: bearer(), body: Buffer.from(upload) });
      expect(reply.body.equals(Buffer.concat(chunks))).toBe(true);
      expect(upstream.only.body.equals(Buffer.from(upload))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a character that is split between chunks stays whole", async () => {
  const bytes = Buffer.from('data: {"text":"žluťoučký 🐎 日本語"}\n\n');
  upstream.answer = async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const byte of bytes) await new Promise((sent) => response.write(Buffer.of(byte), sent));
    response.end();
  };
  expect((await worker.send(PATH, { headers: bearer() })).body.equals(bytes)).toBe(true);
});

test("a compressed answer arrives as it was sent", async () => {
  const zipped = gzipSync(randomBytes(20_000).toString("hex"));
  upstream.answer = (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(zipped);
  };
  const reply = await worker.send(PATH, { headers: { ...bearer(), "accept-encoding": "gzip" } });
  expect(reply.headers["content-encoding"]).toBe("gzip");
  expect(reply.body.equals(zipped)).toBe(true);
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
