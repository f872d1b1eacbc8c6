import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Result } from "../../../../scripts/doctor/check";
import { checksFor } from "../../../../scripts/doctor/checks";
import { runChecks } from "../../../../scripts/doctor/run-checks";
import { deployment, HOST_TOKEN } from "./stack";

/** A Worker in front of a gateway, as doctor sees them. What a test changes, it says. */
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const READY: Answer = { status: 200, body: { ready: true } };
const LOGGED: Answer = { status: 200, body: {}, headers: { "cf-aig-log-id": "L1" } };
const ROUTED: Answer = {
  ...LOGGED,
  headers: {
    "cf-aig-log-id": "L2",
    "cf-aig-provider": "workers-ai",
    "cf-aig-model": "@cf/zai-org/glm-4.7-flash",
    "cf-aig-step": "0",
  },
};
const refusal = (status: number, code: string): Answer => ({ status, headers: { "x-worker-error": code } });

let answers: Record<string, Answer>;
let asked: { path: string; authorization: string | undefined }[];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  asked = [];
  answers = {
    "/readyz": READY,
    "/compat/chat/completions": ROUTED,
    "/anthropic/v1/messages": LOGGED,
    "/openai/responses": LOGGED,
  };
});

function serve({ url: path = "/", headers }: IncomingMessage, response: ServerResponse): void {
  asked.push({ path, authorization: headers.authorization });
  const known = headers.authorization === `Bearer ${HOST_TOKEN}`;
  const answer = known
    ? (answers[path] ?? refusal(404, "unknown_path"))
    : (answers.stranger ?? refusal(401, "host_token_invalid"));
  response.writeHead(answer.status, answer.headers);
  response.end(JSON.stringify(answer.body ?? {}));
}

/** The checks of Worker, providers and routes; the others have tests of their own. */
async function results({ inference = true } = {}): Promise<Record<string, Result>> {
  const mine = /^(worker-|provider:|route:)/;
  const checks = checksFor(deployment({ workerUrl: url }), { inference }).filter(({ id }) => mine.test(id));
  const done = await runChecks(checks, { during: (_title, run) => run(), done: () => {} });
  return Object.fromEntries(done.map((result) => [result.id, result]));
}

test("the list goes the way of a request, from the account to the host", () => {
  expect(checksFor(deployment(), { inference: true }).map(({ id }) => id)).toEqual([
    "deploying-token",
    "gateway",
    "run-token",
    "worker-ready:vps1",
    "worker-bad-token",
    "worker-unlisted-path",
    "provider:anthropic",
    "provider:openai",
    "route:main",
    "gateway-log",
    "host:vps1:login",
    "host:vps1:files",
    "host:vps1:keys",
    "host:vps1:ready",
    "host:vps1:turn",
  ]);
});

test("everything answers as it should", async () => {
  const found = await results();
  expect(Object.values(found).map(({ outcome }) => outcome)).toEqual(Array(6).fill("ok"));
  expect(found["route:main"]).toMatchObject({ says: "workers-ai/@cf/zai-org/glm-4.7-flash" });
});

test("without inference no model is asked", async () => {
  const found = await results({ inference: false });
  expect(Object.keys(found)).toEqual(["worker-ready:vps1", "worker-bad-token", "worker-unlisted-path"]);
  const known = asked.filter(({ authorization }) => authorization === `Bearer ${HOST_TOKEN}`);
  expect(known.map(({ path }) => path)).toEqual(["/readyz", "/openai/v1/files"]);
});

test.each([
  [
    "is not ready",
    { "/readyz": refusal(503, "run_token_refused") },
    "worker-ready:vps1",
    "run_token_refused",
  ],
  ["does not know the token", { "/readyz": refusal(401, "host_token_invalid") }, "worker-ready:vps1", "401"],
  ["takes any token", { stranger: LOGGED }, "worker-bad-token", "it passed the gateway (L1)"],
  ["is no Worker of ours", { stranger: { status: 401 } }, "worker-bad-token", "expected is 401"],
  ["serves everything", { "/openai/v1/files": LOGGED }, "worker-unlisted-path", "passed the gateway"],
])("a Worker that %s", async (_, change, id, says) => {
  answers = { ...answers, ...(change as Record<string, Answer>) };
  expect((await results())[id]).toMatchObject({
    outcome: "failed",
    problems: [{ says: expect.stringContaining(says), fix: expect.stringContaining("npx pulumi up") }],
  });
});

test.each([
  [401, undefined, /pulumi config set --secret --path 'providers\["openai"\]\.apiKey'/],
  [429, undefined, /limits and the credit/],
  [404, undefined, /no access to this model/],
  [500, undefined, /status page/],
  [500, "provider_key_missing", /provider_key_missing in docs\/troubleshooting\.md/],
] as const)("a provider that answers %s %s", async (status, code, fix) => {
  answers["/openai/responses"] = { status, ...(code && { headers: { "x-worker-error": code } }) };
  const found = await results();
  expect(found["provider:openai"]).toMatchObject({
    outcome: "failed",
    problems: [{ fix: expect.stringMatching(fix) }],
  });
  expect(found["provider:anthropic"]).toMatchObject({ outcome: "ok" });
});

test("a route that another model serves", async () => {
  const headers = { ...ROUTED.headers, "cf-aig-model": "@cf/another" };
  answers["/compat/chat/completions"] = { ...ROUTED, headers };
  expect((await results())["route:main"]).toMatchObject({
    outcome: "failed",
    problems: [
      {
        says: "served by workers-ai/@cf/another, configured is workers-ai/@cf/zai-org/glm-4.7-flash",
        fix: "npx pulumi up --refresh",
      },
    ],
  });
});

test("no model is asked through a Worker that is not ready", async () => {
  answers["/readyz"] = refusal(503, "gateway_not_found");
  const found = await results();
  expect(found["provider:openai"]).toMatchObject({ outcome: "skipped" });
  expect(asked.map(({ path }) => path)).not.toContain("/openai/responses");
});
