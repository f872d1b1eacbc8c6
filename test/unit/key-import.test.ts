import { type HostKey, importReport, masked, planImport } from "../../infra/key-import";

const key = (host: string, slug: string, value: string): HostKey => ({ host, slug, value, place: ".env" });
const OPENAI = key("vps1", "openai", "one");
const SAME = key("vps2", "openai", "one");
const OTHER = key("vps2", "openai", "another");

test.each([
  ["one key", [OPENAI], {}, false, "take"],
  ["the same on two hosts", [OPENAI, SAME], {}, false, "take"],
  ["two keys on two hosts", [OPENAI, OTHER], {}, false, "refuse"],
  ["two keys on one host", [OPENAI, key("vps1", "openai", "another")], {}, false, "refuse"],
  ["the stack has another", [OPENAI], { openai: { apiKey: "mine" } }, false, "keep"],
  ["the stack has another, and it gives way", [OPENAI], { openai: { apiKey: "mine" } }, true, "take"],
  ["the stack has this one", [OPENAI], { openai: { apiKey: "one" } }, true, "keep"],
  ["the stack has one, and two hosts differ", [OPENAI, OTHER], { openai: { apiKey: "mine" } }, false, "keep"],
  ["one gives way to two that differ", [OPENAI, OTHER], { openai: { apiKey: "one" } }, true, "refuse"],
  ["the gateway has it", [OPENAI], { openai: { byokAlias: "default" } }, true, "keep"],
  ["Cloudflare is paid", [OPENAI], { openai: { unifiedBilling: true } }, true, "keep"],
  ["an entry without a key", [OPENAI], { openai: { models: [] } }, false, "take"],
])("%s", (_, found, providers, replace, action) => {
  expect(planImport(found, providers, replace)).toMatchObject([{ slug: "openai", action, from: found }]);
});

test("providers are decided one by one, in order", () => {
  const plan = planImport([OPENAI, OTHER, key("vps1", "anthropic", "a")], {}, false);
  expect(plan.map(({ slug, action }) => `${slug} ${action}`)).toEqual(["anthropic take", "openai refuse"]);
});

test("machines are told what became of each provider, and no key", () => {
  const mine = key("vps1", "anthropic", "sk-ant-aaaa1111");
  const plan = planImport(
    [mine, key("vps1", "groq", "gsk_bbbb2222"), key("vps1", "openai", "sk-cccc3333"), OTHER],
    { anthropic: { apiKey: mine.value } },
    false,
  );
  const reports = plan.map(importReport);
  expect(reports).toEqual([
    {
      slug: "anthropic",
      outcome: "left",
      reason: "the stack has this very key",
      found: [{ host: "vps1", place: ".env", key: "…1111" }],
    },
    { slug: "groq", outcome: "set", found: [{ host: "vps1", place: ".env", key: "…2222" }] },
    {
      slug: "openai",
      outcome: "refused",
      found: [
        { host: "vps1", place: ".env", key: "…3333" },
        { host: "vps2", place: ".env", key: "…ther" },
      ],
    },
  ]);
  for (const secret of ["sk-ant-aaaa", "gsk_bbbb", "sk-cccc"])
    expect(JSON.stringify(reports)).not.toContain(secret);
});

test("a key is shown by its last four characters", () => {
  expect(masked("sk-proj-abcdefgh")).toBe("…efgh");
});
