import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isEmpty, startLocalCloudflare } from "../../../scripts/local/cloudflare";
import {
  api,
  createGateway,
  createToken,
  KEYS,
  refusal,
  sdk,
  storeKey,
  upload,
  useLocalCloudflare,
} from "./support";

/** Held open by a test that wants to look into the middle of a stream. */
let gate: Promise<void> = Promise.resolve();
const cloudflare = useLocalCloudflare({ streamPace: () => gate });
const account = () => ({ account_id: cloudflare().accountId });

const says = (text: string) =>
  `export default { fetch() { return new Response(${JSON.stringify(text)}); } };`;

/** Passes everything on to the gateway in its bindings, with the run token: the least that a proxy Worker does. */
const PASS_THROUGH = `export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.set("cf-aig-authorization", "Bearer " + env.RUN_TOKEN);
    headers.set("authorization", "Bearer " + env.KEY_OPENAI);
    return fetch(env.GATEWAY_URL + "/v1/" + env.PATH.join("/") + url.pathname, {
      method: request.method, headers, body: request.body,
    });
  },
};`;

const enable = (script: string, enabled = true) =>
  sdk(cloudflare()).workers.scripts.subdomain.create(script, {
    ...account(),
    enabled,
    previews_enabled: false,
  });

async function get(script: string, path = "/") {
  const response = await fetch(cloudflare().workerUrl(script) + path);
  return { status: response.status, text: await response.text() };
}

test("an address is fixed before the upload, answers 404 until it is enabled, and again after", async () => {
  const address = cloudflare().workerUrl("hello");
  expect(await get("hello")).toMatchObject({ status: 404 });
  expect((await upload(cloudflare(), "hello", says("one"))).status).toBe(200);
  expect(await get("hello")).toMatchObject({ status: 404 });

  expect(await enable("hello")).toEqual({ enabled: true, previews_enabled: false });
  expect(await get("hello")).toEqual({ status: 200, text: "one" });

  await upload(cloudflare(), "hello", says("two"));
  expect(await get("hello")).toEqual({ status: 200, text: "two" });
  expect(cloudflare().workerUrl("hello")).toBe(address);

  await sdk(cloudflare()).workers.scripts.subdomain.delete("hello", account());
  expect(await get("hello")).toMatchObject({ status: 404 });
  await enable("hello");
  await sdk(cloudflare()).workers.scripts.delete("hello", account());
  expect(await get("hello")).toMatchObject({ status: 404 });
  const subdomain = sdk(cloudflare()).workers.scripts.subdomain.get("hello", account());
  expect(await refusal(subdomain)).toMatchObject({ status: 404, code: 10007 });
});

test("what a Worker was asked and what it answered is known, without the query", async () => {
  await upload(cloudflare(), "asked", `export default { fetch: () => new Response("", { status: 403 }) };`);
  await get("asked");
  await enable("asked");
  await get("asked", "/v1/models?key=secret");
  const asked = cloudflare()
    .workerRequests()
    .filter(({ script }) => script === "asked");
  // The 404 before it was enabled is not the Worker's.
  expect(asked).toEqual([{ script: "asked", method: "GET", path: "/v1/models", status: 403 }]);
});

test("what the provider reads back is what was uploaded, without the text of secrets", async () => {
  const bindings = [
    { name: "GATEWAY_ID", type: "plain_text", text: "openclaw" },
    { name: "PROVIDERS", type: "json", json: ["anthropic", "openai"] },
    { name: "RUN_TOKEN", type: "secret_text", text: "very-secret" },
  ];
  const metadata = {
    bindings,
    compatibility_flags: ["global_fetch_strictly_public"],
    observability: { enabled: true },
  };
  await upload(cloudflare(), "readable", says("x"), metadata);
  const service = JSON.parse((await api(cloudflare(), "GET", "/workers/services/readable")).text);
  expect(service.result.default_environment.script).toMatchObject({
    etag: expect.any(String),
    handlers: ["fetch"],
  });

  const settings = await api(cloudflare(), "GET", "/workers/scripts/readable/settings");
  expect(JSON.parse(settings.text).result).toMatchObject({
    bindings: [bindings[0], bindings[1], { name: "RUN_TOKEN", type: "secret_text" }],
    compatibility_date: "2026-07-01",
    observability: { enabled: true },
  });
  const content = await api(cloudflare(), "GET", "/workers/scripts/readable/content/v2");
  expect(content.text).toContain(says("x"));
  expect(settings.text + content.text + JSON.stringify(cloudflare().objects())).not.toContain("very-secret");
});

test("bindings of every type arrive, and those of a later upload replace them unless kept", async () => {
  const echo = "export default { fetch(_request, env) { return Response.json(env); } };";
  const bindings = [
    { name: "LIST", type: "json", json: ["a"] },
    { name: "LIST_AS_TEXT", type: "json", json: '["a"]' },
    { name: "SECRET", type: "secret_text", text: "s" },
    { name: "TEXT", type: "plain_text", text: "t" },
  ];
  await upload(cloudflare(), "echo", echo, { bindings });
  await enable("echo");
  expect(JSON.parse((await get("echo")).text)).toEqual({
    LIST: ["a"],
    LIST_AS_TEXT: ["a"],
    SECRET: "s",
    TEXT: "t",
  });
  await upload(cloudflare(), "echo", echo, { keep_bindings: ["secret_text"] });
  expect(JSON.parse((await get("echo")).text)).toEqual({ SECRET: "s" });
});

test.each([
  ["that is no JavaScript", "export default {", {}, undefined, "SyntaxError"],
  ["that throws when it starts", "throw new Error('boom')", {}, undefined, "boom"],
  [
    "with a binding that the API does not know",
    says("x"),
    { bindings: [{ name: "A", type: "text", text: "" }] },
    undefined,
    "bindings",
  ],
  [
    "with a text that is too long",
    says("x"),
    { bindings: [{ name: "A", type: "plain_text", text: "x".repeat(6000) }] },
    undefined,
    "5120",
  ],
  ["with unknown metadata", says("x"), { compatibility: "now" }, undefined, "Unknown field"],
  ["whose module has another name", says("x"), { main_module: "other.mjs" }, undefined, "other.mjs"],
  ["that is not a module", says("x"), {}, "application/javascript", "main module"],
])("a script %s is refused, and the one before goes on", async (_what, content, metadata, type, message) => {
  await upload(cloudflare(), "steady", says("steady"));
  await enable("steady");
  const refused = await upload(cloudflare(), "steady", content, metadata, type);
  expect(refused.status).toBe(400);
  const { errors } = (await refused.json()) as { errors: unknown };
  expect(JSON.stringify(errors)).toContain(message);
  expect(errors).toMatchObject([{ code: 10021 }]);
  expect(await get("steady")).toEqual({ status: 200, text: "steady" });
});

describe("what a Worker fetches", () => {
  const chat = (stream: boolean) => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5-mini", stream, messages: [{ role: "user", content: "ping" }] }),
  });

  beforeAll(async () => {
    await createGateway(cloudflare(), "openclaw");
    const { value } = await createToken(cloudflare(), "AI Gateway Run");
    for (const [script, url] of [
      ["local", cloudflare().gatewayUrl],
      ["default", "https://gateway.ai.cloudflare.com"],
      ["elsewhere", "https://api.openai.com"],
    ] as const) {
      const bindings = [
        { name: "GATEWAY_URL", type: "plain_text", text: url },
        { name: "PATH", type: "json", json: [cloudflare().accountId, "openclaw", "openai"] },
        { name: "RUN_TOKEN", type: "secret_text", text: value },
        { name: "KEY_OPENAI", type: "secret_text", text: KEYS.openai },
      ];
      const metadata = { bindings, compatibility_flags: ["global_fetch_strictly_public"] };
      await upload(cloudflare(), script, PASS_THROUGH, metadata);
      await enable(script);
    }
  });

  test.each(["local", "default"])("reaches the gateway under its %s address", async (script) => {
    const response = await fetch(`${cloudflare().workerUrl(script)}/chat/completions`, chat(false));
    expect(response.headers.get("cf-aig-log-id")).toBe(cloudflare().gatewayLog().at(-1)?.logId);
    expect(await response.text()).toContain("pong from openai/gpt-5-mini: ping");
  });

  test("reaches nothing else", async () => {
    const before = cloudflare().providerRequests().length;
    const response = await fetch(`${cloudflare().workerUrl("elsewhere")}/chat/completions`, chat(false));
    expect(response.status).toBe(530);
    expect(cloudflare().providerRequests()).toHaveLength(before);
  });

  test("streams: the first piece is here before the last is sent, also when a new script takes over", async () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const response = await fetch(`${cloudflare().workerUrl("local")}/chat/completions`, chat(true));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    expect(Buffer.from(first.value ?? []).toString()).toContain("data: ");

    await upload(cloudflare(), "local", says("new"));
    expect(await get("local")).toEqual({ status: 200, text: "new" });
    open();
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      rest += Buffer.from(piece.value).toString();
    }
    expect(rest.trim().endsWith("data: [DONE]")).toBe(true);
  });
});

test("the account's workers.dev name is given once", async () => {
  const { subdomains } = sdk(cloudflare()).workers;
  expect(await subdomains.get(account())).toEqual({ subdomain: "local" });
  const other = subdomains.update({ ...account(), subdomain: "other" });
  expect(await refusal(other)).toMatchObject({ status: 409 });
});

describe("the state file", () => {
  const directory = mkdtempSync(join(tmpdir(), "local-cloudflare-"));
  const stateFile = join(directory, "objects.json");
  afterAll(() => rmSync(directory, { recursive: true }));

  test("brings everything back, secrets included, and is for its owner alone", async () => {
    const first = await startLocalCloudflare({ providerKeys: KEYS, stateFile, workersSubdomain: null });
    const account_id = first.accountId;
    expect(await refusal(sdk(first).workers.subdomains.get({ account_id }))).toMatchObject({ code: 10007 });
    await sdk(first).workers.subdomains.update({ account_id, subdomain: "acme" });
    await createGateway(first, "kept");
    const { value } = await createToken(first, "AI Gateway Run");
    const bindings = [{ name: "SECRET", type: "secret_text", text: "kept-secret" }];
    await upload(first, "kept", "export default { fetch: (_r, env) => new Response(env.SECRET) };", {
      bindings,
    });
    await sdk(first).workers.scripts.subdomain.create("kept", {
      account_id,
      enabled: true,
      previews_enabled: false,
    });
    await storeKey(first, "kept", "openai", KEYS.openai);
    await sdk(first).workers.domains.update({ account_id, hostname: "kept.example.com", service: "kept" });
    const objects = first.objects();
    await first.close();

    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    const { secrets, ...rest } = JSON.parse(readFileSync(stateFile, "utf8"));
    for (const secret of ["kept-secret", KEYS.openai]) expect(JSON.stringify(rest)).not.toContain(secret);
    expect(JSON.stringify([secrets, rest])).not.toContain(value);

    const second = await startLocalCloudflare({ providerKeys: KEYS, stateFile });
    try {
      expect(second.objects()).toEqual(objects);
      expect(isEmpty(second.objects())).toBe(false);
      for (const url of [second.workerUrl("kept"), second.domainUrl("kept.example.com")]) {
        expect(await (await fetch(url)).text()).toBe("kept-secret");
      }
      const models = `${second.gatewayUrl}/v1/${account_id}/kept/openai/models`;
      const answer = await fetch(models, { headers: { "cf-aig-authorization": `Bearer ${value}` } });
      expect(answer.status).toBe(200);
      expect(await sdk(second, value).accounts.tokens.verify({ account_id })).toMatchObject({
        status: "active",
      });
    } finally {
      await second.close();
    }
  });

  test("of another account is refused", async () => {
    const start = startLocalCloudflare({ providerKeys: KEYS, stateFile, accountId: "f".repeat(32) });
    await expect(start).rejects.toThrow(/holds account/);
  });

  test("of an older version is refused", async () => {
    const { customDomains: _unknown, ...older } = JSON.parse(readFileSync(stateFile, "utf8"));
    const file = join(directory, "older.json");
    writeFileSync(file, JSON.stringify(older));
    const start = startLocalCloudflare({ providerKeys: KEYS, stateFile: file });
    await expect(start).rejects.toThrow(/older version \(without customDomains\)/);
  });
});
