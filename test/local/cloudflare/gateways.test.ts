import { api, createGateway, createToken, refusal, SETTINGS, sdk, useLocalCloudflare } from "./support";

const cloudflare = useLocalCloudflare();
const account = () => ({ account_id: cloudflare().accountId });

describe("gateways", () => {
  test("are created, read, listed, updated and deleted", async () => {
    const client = sdk(cloudflare());
    const created = await client.aiGateway.create({ ...account(), id: "openclaw-dev", ...SETTINGS });
    expect(created).toMatchObject({
      id: "openclaw-dev",
      authentication: true,
      is_default: false,
      zdr: false,
    });
    expect(await client.aiGateway.get("openclaw-dev", account())).toEqual(created);

    const updated = await client.aiGateway.update("openclaw-dev", {
      ...account(),
      ...SETTINGS,
      cache_ttl: 60,
    });
    expect(updated).toMatchObject({ cache_ttl: 60, created_at: created.created_at });

    const listed: string[] = [];
    for await (const gateway of client.aiGateway.list(account())) listed.push(gateway.id);
    expect(listed).toEqual(["openclaw-dev"]);

    await client.aiGateway.delete("openclaw-dev", account());
    expect(await refusal(client.aiGateway.get("openclaw-dev", account()))).toMatchObject({
      status: 404,
      code: 7002,
    });
  });

  test("an update puts what it does not name back to the default", async () => {
    const id = await createGateway(cloudflare(), "reset", { zdr: true, retry_max_attempts: 3 });
    const updated = await sdk(cloudflare()).aiGateway.update(id, { ...account(), ...SETTINGS });
    expect(updated).toMatchObject({ zdr: false, retry_max_attempts: null });
  });

  test.each([
    ["a second gateway of the same id", { id: "twice" }, "exists"],
    ["an id that cannot stand in the URL", { id: "Not a slug" }, "lower-case"],
    ["a negative lifetime", { id: "x", cache_ttl: -1 }, "Invalid"],
    ["more than five retries", { id: "x", retry_max_attempts: 6 }, "Invalid"],
    ["a field that the API does not have", { id: "x", cache_time: 3 }, "Unknown field cache_time"],
  ])("%s is refused", async (_what, fields, message) => {
    const client = sdk(cloudflare());
    if (fields.id === "twice") await createGateway(cloudflare(), "twice");
    const call = client.aiGateway.create({ ...account(), ...SETTINGS, ...fields });
    const refused = await refusal(call);
    expect(refused).toMatchObject({ status: 400, code: 7001 });
    expect(refused.message).toContain(message);
  });

  test("every problem is an entry with its path", async () => {
    const { status, text } = await api(cloudflare(), "POST", "/ai-gateway/gateways", {
      id: "partial",
      cache_ttl: "1",
    });
    expect(status).toBe(400);
    const { errors } = JSON.parse(text) as { errors: { path: string[]; message: string }[] };
    expect(errors.map(({ path }) => path.join("."))).toEqual(
      expect.arrayContaining(["cache_invalidate_on_update", "cache_ttl", "collect_logs"]),
    );
    expect(errors.find(({ path }) => path[0] === "collect_logs")?.message).toBe("Required");
  });

  test("an unknown gateway is 7002 on every call", async () => {
    const client = sdk(cloudflare());
    const nowhere = { status: 404, code: 7002 };
    expect(await refusal(client.aiGateway.update("nowhere", { ...account(), ...SETTINGS }))).toMatchObject(
      nowhere,
    );
    expect(await refusal(client.aiGateway.delete("nowhere", account()))).toMatchObject(nowhere);
    expect(await refusal(client.aiGateway.logs.list("nowhere", account()))).toMatchObject(nowhere);
  });
});

describe("permissions", () => {
  const denied = { status: 403, code: 10000 };

  test("a wrong token, and none, are refused", async () => {
    expect(await refusal(sdk(cloudflare(), "wrong").aiGateway.get("x", account()))).toMatchObject(denied);
    const response = await fetch(
      `${cloudflare().apiUrl}/accounts/${cloudflare().accountId}/ai-gateway/gateways`,
    );
    expect(response.status).toBe(403);
  });

  test("a token may do what its groups allow, until it is deleted", async () => {
    await createGateway(cloudflare(), "guarded");
    const { id, value } = await createToken(cloudflare(), "AI Gateway Read");
    const reader = sdk(cloudflare(), value);
    expect((await reader.aiGateway.get("guarded", account())).id).toBe("guarded");
    expect(await refusal(reader.aiGateway.delete("guarded", account()))).toMatchObject(denied);
    expect(await refusal(reader.accounts.tokens.list(account()))).toMatchObject(denied);
    expect(await refusal(reader.workers.subdomains.get(account()))).toMatchObject(denied);

    await sdk(cloudflare()).accounts.tokens.delete(id, account());
    expect(await refusal(reader.aiGateway.get("guarded", account()))).toMatchObject(denied);
  });
});

describe("the router", () => {
  const lines: string[] = [];
  const logged = useLocalCloudflare({ log: (line) => lines.push(line) });

  test("answers 404 to any other call, and says so in the log", async () => {
    const unknown = await api(logged(), "GET", "/workers/scripts");
    expect(unknown.status).toBe(404);
    expect((await api(logged(), "PATCH", "/ai-gateway/gateways/x")).status).toBe(404);
    expect(lines).toContainEqual(expect.stringMatching(/GET .*\/workers\/scripts -> 404/));
  });

  test("knows one account", async () => {
    const call = sdk(logged()).aiGateway.get("x", { account_id: "f".repeat(32) });
    expect(await refusal(call)).toMatchObject({ status: 404, code: 7003 });
  });
});
