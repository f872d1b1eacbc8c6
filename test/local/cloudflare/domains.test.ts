import { createToken, refusal, sdk, upload, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare({ zones: ["example.com", "sub.example.com"] });
const account = () => ({ account_id: cloudflare().accountId });
const domains = () => sdk(cloudflare()).workers.domains;
const says = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;
const visit = async (hostname: string) => {
  const response = await fetch(cloudflare().domainUrl(hostname));
  return { status: response.status, text: await response.text() };
};

beforeAll(async () => {
  await upload(cloudflare(), "one", says("one"));
  await upload(cloudflare(), "two", says("two"));
});

test("a hostname serves a Worker, whether its workers.dev address is on or not", async () => {
  const hostname = "ai.example.com";
  expect(await visit(hostname)).toMatchObject({ status: 404 });
  const made = await domains().update({ ...account(), hostname, service: "one" });
  expect(made).toMatchObject({
    hostname,
    service: "one",
    zone_name: "example.com",
    environment: "production",
  });
  expect(await visit(hostname)).toEqual({ status: 200, text: "one" });
  expect((await fetch(cloudflare().workerUrl("one"))).status).toBe(404);
  expect(await domains().get(made.id, account())).toEqual(made);
});

test("a new version takes over there, too", async () => {
  const hostname = "versions.example.com";
  await upload(cloudflare(), "three", says("three"));
  await domains().update({ ...account(), hostname, service: "three" });
  await upload(cloudflare(), "three", says("third"));
  expect(await visit(hostname)).toMatchObject({ text: "third" });
});

test("a hostname that is attached again keeps its id", async () => {
  const hostname = "moved.example.com";
  const { id } = await domains().update({ ...account(), hostname, service: "one" });
  expect(await domains().update({ ...account(), hostname, service: "two" })).toMatchObject({
    id,
    service: "two",
  });
  expect(await visit(hostname)).toMatchObject({ text: "two" });
});

test("the list is narrowed by hostname", async () => {
  await domains().update({ ...account(), hostname: "listed.example.com", service: "one" });
  const { result } = await domains().list({ ...account(), hostname: "listed.example.com" });
  expect(result.map(({ hostname }) => hostname)).toEqual(["listed.example.com"]);
});

test("a detached hostname serves nothing", async () => {
  const hostname = "gone.example.com";
  const { id } = await domains().update({ ...account(), hostname, service: "one" });
  await domains().delete(id, account());
  expect(await visit(hostname)).toMatchObject({ status: 404 });
  expect(await refusal(domains().get(id, account()))).toMatchObject({ status: 404 });
});

test.each([
  ["in no zone of the account", { hostname: "ai.example.org" }, 400],
  ["that only ends like a zone", { hostname: "ai.notexample.com" }, 400],
  ["in another zone than the one named", { hostname: "ai.example.com", zone_name: "example.org" }, 400],
  ["that is none", { hostname: "https://ai.example.com" }, 400],
  ["for a Worker that is not there", { hostname: "ai2.example.com", service: "nobody" }, 404],
])("a hostname %s is refused", async (_what, fields, status) => {
  const call = domains().update({ ...account(), service: "one", ...fields });
  expect(await refusal(call)).toMatchObject({ status });
});

test("reading takes Workers Scripts Read, attaching Write", async () => {
  const { value } = await createToken(cloudflare(), "Workers Scripts Read");
  const reader = sdk(cloudflare(), value).workers.domains;
  expect((await reader.list(account())).result).not.toEqual([]);
  const attach = reader.update({ ...account(), hostname: "no.example.com", service: "one" });
  expect(await refusal(attach)).toMatchObject({ status: 403, code: 10000 });
});
