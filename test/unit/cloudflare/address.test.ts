import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { workerAddress } from "../../../infra/cloudflare/address";
import type { StackConfig } from "../../../infra/config";

let server: Server;
let answer: { status: number; body: object };
let asked: { url: string | undefined; authorization: string | undefined }[];

beforeAll((done) => {
  server = createServer((request, response) => {
    asked.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  }).listen(0, "127.0.0.1", done);
});

afterAll((done) => {
  server.close(done);
});

beforeEach(() => {
  asked = [];
  const { port } = server.address() as AddressInfo;
  pulumi.runtime.setAllConfig({
    "cloudflare:apiToken": "t".repeat(40),
    "cloudflare:baseUrl": `http://127.0.0.1:${port}/client/v4`,
  });
});

const config = (url?: string) => ({ accountId: "acc", worker: { name: "openclaw-dev", url } }) as StackConfig;

test("a configured address is taken as it is, without a request", async () => {
  expect(await workerAddress(config("https://ai.example.com"))).toBe("https://ai.example.com");
  expect(asked).toEqual([]);
});

test("else it is the script's under the account's workers.dev subdomain", async () => {
  answer = { status: 200, body: { success: true, result: { subdomain: "acme" } } };
  expect(await workerAddress(config())).toBe("https://openclaw-dev.acme.workers.dev");
  expect(asked).toEqual([
    { url: "/client/v4/accounts/acc/workers/subdomain", authorization: `Bearer ${"t".repeat(40)}` },
  ]);
});

test.each([
  [404, 10007, /the account has none.*pulumi config set --path worker\.url/],
  [403, 10000, /refused.*Workers Scripts Write/],
  [400, 7003, /could not be read: 400/],
])("status %i says what to do", async (status, code, message) => {
  answer = { status, body: { success: false, errors: [{ code, message: "no" }], result: null } };
  await expect(workerAddress(config())).rejects.toThrow(message);
});
