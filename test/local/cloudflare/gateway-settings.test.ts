import { api, createGateway, createToken, KEYS, refusal, SETTINGS, sdk, useLocalCloudflare } from "./support";

const lines: string[] = [];
const cloudflare = useLocalCloudflare({ log: (line) => lines.push(line) });
const account = () => ({ account_id: cloudflare().accountId });
const gateways = () => sdk(cloudflare()).aiGateway;

/** Every setting, each with another value than its default. */
const EVERYTHING = {
  cache_invalidate_on_update: false,
  cache_ttl: 60,
  collect_logs: false,
  rate_limiting_interval: 60,
  rate_limiting_limit: 100,
  rate_limiting_technique: "sliding" as const,
  authentication: true,
  byok_only: true,
  dlp: { enabled: true, action: "BLOCK" as const, profiles: ["p1"] },
  guardrails: { prompt: { S1: "BLOCK" as const, P1: "FLAG" as const }, response: { S13: "FLAG" as const } },
  log_classification: true,
  log_management: 10_000,
  log_management_strategy: "DELETE_OLDEST" as const,
  logpush: true,
  logpush_public_key: "k".repeat(32),
  otel: [
    {
      url: "https://otel.example.com",
      headers: { a: "b" },
      authorization: "x",
      content_type: "json" as const,
    },
  ],
  retry_backoff: "exponential" as const,
  retry_delay: 60_000,
  retry_max_attempts: 5,
  spend_limits: {
    enabled: true,
    rules: [
      {
        id: "monthly",
        limit: 10.5,
        limitType: "cost" as const,
        window: 2_592_000,
        enabled: true,
        technique: "fixed" as const,
        metadata: {
          host: { mode: "partition" as const },
          plan: { mode: "filter" as const, values: ["free"] },
        },
        model: { mode: "filter" as const, values: ["gpt-5"] },
        provider: { mode: "filter" as const, values: ["openai"] },
      },
    ],
  },
  store_id: "f".repeat(32),
  stripe: { authorization: "sk_test", usage_events: [{ payload: "{}" }] },
  workers_ai_billing_mode: "unified" as const,
  zdr: true,
};

test("every setting is stored and comes back", async () => {
  await gateways().create({ ...account(), id: "everything", ...EVERYTHING });
  expect(await gateways().get("everything", account())).toMatchObject(EVERYTHING);
});

test("an explicit null is the same as leaving it out: the default", async () => {
  await gateways().create({ ...account(), id: "nulls", ...EVERYTHING });
  const optional = Object.keys(EVERYTHING).filter((name) => !(name in SETTINGS));
  const nulls = Object.fromEntries(optional.map((name) => [name, null]));
  await api(cloudflare(), "PUT", "/ai-gateway/gateways/nulls", { ...SETTINGS, ...nulls });
  const reset = await gateways().get("nulls", account());
  await createGateway(cloudflare(), "plain");
  const plain = await gateways().get("plain", account());
  const settings = (gateway: object) =>
    Object.fromEntries(Object.entries(gateway).filter(([name]) => name in EVERYTHING));
  expect(settings(reset)).toEqual(settings(plain));
  expect(Object.keys(settings(plain)).sort()).toEqual(Object.keys(EVERYTHING).sort());
});

test("another form of DLP has policies", async () => {
  const policy = {
    id: "1",
    action: "FLAG" as const,
    check: ["REQUEST" as const],
    enabled: true,
    profiles: ["p"],
  };
  const dlp = { enabled: true, policies: [policy] };
  await createGateway(cloudflare(), "policies", { dlp });
  expect(await gateways().get("policies", account())).toMatchObject({ dlp });
});

test.each([
  ["retry_delay", 60_001],
  ["retry_max_attempts", 0],
  ["retry_backoff", "random"],
  ["log_management", 9_999],
  ["log_management", 10_000_001],
  ["log_management_strategy", "KEEP"],
  ["rate_limiting_technique", "leaky"],
  ["workers_ai_billing_mode", "free"],
  ["guardrails", { prompt: { S99: "BLOCK" }, response: {} }],
  ["guardrails", { prompt: {} }],
  ["dlp", { enabled: true, action: "DROP", profiles: [] }],
  ["otel", [{ url: "https://otel.example.com" }]],
  ["spend_limits", { rules: [{ limit: -1, limitType: "cost", window: 60 }] }],
  ["spend_limits", { rules: [{ limit: 1, limitType: "tokens", window: 60 }] }],
  ["stripe", { authorization: "sk_test" }],
  ["zdr", "yes"],
])("%s: %j is refused, and the problem is named", async (name, value) => {
  const call = api(cloudflare(), "POST", "/ai-gateway/gateways", {
    id: "refused",
    ...SETTINGS,
    [name]: value,
  });
  const { status, text } = await call;
  const { errors } = JSON.parse(text) as { errors: { code: number; path: string[] }[] };
  expect(status).toBe(400);
  expect(errors[0]).toMatchObject({ code: 7001 });
  expect(errors[0]?.path[0]).toBe(name);
});

test("the id of a gateway cannot be changed", async () => {
  await createGateway(cloudflare(), "named");
  const { status } = await api(cloudflare(), "PUT", "/ai-gateway/gateways/named", {
    ...SETTINGS,
    id: "renamed",
  });
  expect(status).toBe(400);
});

test("lists come in pages and can be searched", async () => {
  for (const id of ["find-a", "find-b", "find-c"]) await createGateway(cloudflare(), id);
  const found: string[] = [];
  for await (const { id } of gateways().list({ ...account(), search: "find-", per_page: 2 })) found.push(id);
  expect(found).toEqual(["find-a", "find-b", "find-c"]);
});

test("the gateway says once what it does not imitate", async () => {
  const { authentication: _on, ...open } = EVERYTHING;
  await createGateway(cloudflare(), "honest", { ...open, authentication: false, byok_only: false });
  const url = `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/honest/openai/models`;
  for (let call = 0; call < 2; call++)
    await fetch(url, { headers: { authorization: `Bearer ${KEYS.openai}` } });
  const said = lines.filter((line) => line.startsWith("gateway honest: "));
  expect(said).toHaveLength(1);
  for (const name of ["dlp", "guardrails", "otel", "spend_limits", "stripe", "zdr"])
    expect(said[0]).toContain(name);
  expect(lines.filter((line) => line.startsWith("gateway plain: "))).toEqual([]);
});

test("a gateway that is not there any more is 2001 for its own token", async () => {
  await createGateway(cloudflare(), "removed");
  const { value } = await createToken(cloudflare(), "AI Gateway Run");
  await gateways().delete("removed", account());
  const url = `${cloudflare().gatewayUrl}/v1/${cloudflare().accountId}/removed/openai/models`;
  const answer = await fetch(url, { headers: { "cf-aig-authorization": `Bearer ${value}` } });
  expect(await answer.json()).toMatchObject({ internalCode: 2001 });
  expect(await refusal(gateways().delete("removed", account()))).toMatchObject({ status: 404, code: 7002 });
});
