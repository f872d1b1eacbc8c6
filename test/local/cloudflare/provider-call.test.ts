import { createServer, type RequestListener } from "node:http";
import {
  callProvider,
  type Patience,
  ProviderUnreachable,
} from "../../../scripts/local/cloudflare/data-plane/provider-call";
import { type Listening, listen } from "../../../scripts/local/cloudflare/http/listen";

let server: Listening;
let asked: string[] = [];
let respond: RequestListener;

beforeAll(async () => {
  const http = createServer((request, response) => {
    asked.push(request.method ?? "");
    respond(request, response);
  });
  server = await listen(http, 0);
});
beforeEach(() => {
  asked = [];
});
afterAll(() => server.close());

const patience = (fields: Partial<Patience>): Patience => ({
  attempts: 1,
  delay: 0,
  backoff: "constant",
  ...fields,
});
const call = (fields: Partial<Patience>) =>
  callProvider(
    {
      url: server.origin,
      method: "POST",
      headers: {},
      body: Buffer.from("{}"),
      signal: new AbortController().signal,
    },
    patience(fields),
  );

/** Answers with these statuses, one after the other. */
function statuses(...list: number[]): RequestListener {
  return (_request, response) => response.writeHead(list[asked.length - 1] ?? 200).end();
}

test.each([
  ["a success is not tried again", [200], 3, 200, 1],
  ["a refusal is not tried again", [400], 3, 400, 1],
  ["5xx and 429 are, until it works", [500, 429, 200], 5, 200, 3],
  ["the last failure is the answer", [500, 502], 2, 502, 2],
])("%s", async (_what, list, attempts, status, times) => {
  respond = statuses(...list);
  const answer = await call({ attempts, backoff: "exponential" });
  answer.body.resume();
  expect(answer.status).toBe(status);
  expect(asked).toHaveLength(times);
});

test("an answer that does not begin in time is none", async () => {
  respond = () => {};
  await expect(call({ attempts: 2, timeout: 20 })).rejects.toThrow(ProviderUnreachable);
  expect(asked).toHaveLength(2);
});

test("an answer that has begun may take its time", async () => {
  respond = (_request, response) => {
    response.write("a");
    setTimeout(() => response.end("b"), 60);
  };
  const answer = await call({ timeout: 40 });
  let text = "";
  for await (const chunk of answer.body) text += String(chunk);
  expect(text).toBe("ab");
});

test("a connection that is cut is tried again", async () => {
  respond = (_request, response) => {
    if (asked.length === 1) response.destroy();
    else response.end();
  };
  const answer = await call({ attempts: 2 });
  answer.body.resume();
  expect(answer.status).toBe(200);
});
