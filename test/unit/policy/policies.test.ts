import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UnknownValueError } from "@pulumi/policy";
import { gatewayPolicies } from "../../../policy/gateway";
import { hostPolicies } from "../../../policy/hosts";
import { pluginPolicies } from "../../../policy/plugins";
import { runTokenPolicies } from "../../../policy/run-token";
import { workerPolicies } from "../../../policy/worker";
import { installedVersion } from "../../../scripts/engine/versions";
import { PERMISSION_GROUPS } from "../../../scripts/local/cloudflare/store/permissions";
import { KEYS } from "../config/raw-config";
import { type AnyPolicy, type Checked, violations } from "./violations";

/** Each policy with what it lets through and what it reports. */

const POLICIES = [
  ...gatewayPolicies,
  ...workerPolicies,
  ...runTokenPolicies,
  ...hostPolicies,
  ...pluginPolicies,
];

const ACCOUNT = "0123456789abcdef0123456789abcdef";

const gateway = (props: Record<string, unknown>, rest: Partial<Checked> = {}): Checked => ({
  type: "cloudflare:index/aiGateway:AiGateway",
  props,
  ...rest,
});
const claim = (retained: boolean): Checked => ({ type: "openclaw:index:GatewayClaim", props: { retained } });
const address = (props: Record<string, unknown>): Checked => ({
  type: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  props,
});
const script = (...bindings: object[]): Checked => ({
  type: "cloudflare:index/workersScript:WorkersScript",
  props: { bindings },
});
const groupId = (name: string) => PERMISSION_GROUPS.find((group) => group.name === name)?.id;
const token = (names: readonly string[], props: Record<string, unknown> = {}, scope = ACCOUNT): Checked => ({
  type: "cloudflare:index/accountToken:AccountToken",
  props: {
    accountId: ACCOUNT,
    policies: [
      {
        effect: "allow",
        permissionGroups: names.map((name) => ({ id: groupId(name) })),
        resources: JSON.stringify({ [`com.cloudflare.api.account.${scope}`]: "*" }),
      },
    ],
    ...props,
  },
});
const command = (connection?: object): Checked => ({
  type: "command:remote:Command",
  props: { create: "true", connection },
});
const plugin = (name: string, version?: string): Checked => ({
  type: `pulumi:providers:${name}`,
  props: version === undefined ? {} : { version },
});

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGrhhTmZ6TBz8jIaWLjWzTj0oTR3Ph+Ce3UFVHb8Zr8g";
const RUN = ["AI Gateway Run", "Workers AI Read"];

interface Case {
  readonly good: readonly Checked[][];
  /** With a part of what is said. */
  readonly bad: readonly (readonly [Checked[], RegExp])[];
}

const CASES: Record<string, Case> = {
  "gateway-authenticated": {
    good: [[gateway({ authentication: true })]],
    bad: [
      [[gateway({ authentication: false })], /is false/],
      [[gateway({})], /is not set/],
    ],
  },
  "gateway-limited": {
    good: [
      [gateway({ rateLimitingLimit: 10 })],
      [gateway({ rateLimitingLimit: 0, spendLimits: { enabled: true, rules: [{ limit: 5 }] } })],
    ],
    bad: [
      [[gateway({ rateLimitingLimit: 0 })], /neither/],
      [[gateway({ spendLimits: { enabled: false, rules: [{ limit: 5 }] } })], /neither/],
      [[gateway({ spendLimits: { enabled: true, rules: [] } })], /neither/],
      [[gateway({ spendLimits: { enabled: true, rules: [{ limit: 5, enabled: false }] } })], /neither/],
    ],
  },
  "gateway-logs-bounded": {
    good: [[gateway({ collectLogs: true, logManagement: 1_000_000 })], [gateway({ collectLogs: false })]],
    bad: [
      [[gateway({ collectLogs: true })], /Any number/],
      [[gateway({ collectLogs: true, logManagement: 10_000_000 })], /10000000 .* up to 1000000/],
    ],
  },
  "gateway-kept": {
    good: [
      [gateway({}, { protect: true }), claim(false)],
      [gateway({}), claim(true)],
      [gateway({}, { stack: "dev" }), claim(false)],
    ],
    bad: [
      [[gateway({}), claim(false)], /pulumi state unprotect 'urn:pulumi:prod::.*' --stack prod/],
      [[gateway({}, { stack: "production" })], /gateway.retainOnDelete true/],
    ],
  },
  "worker-previews-off": {
    good: [[address({ enabled: true, previewsEnabled: false })]],
    bad: [
      [[address({ enabled: true, previewsEnabled: true })], /is true/],
      [[address({ enabled: true })], /is not set/],
    ],
  },
  "worker-secrets-in-secret-bindings": {
    good: [
      [
        script(
          { name: "GATEWAY_ID", type: "plain_text", text: "openclaw-prod" },
          { name: "KEY_OPENAI", type: "secret_text", text: KEYS.openai },
          { name: "HOST_RATE_LIMIT", type: "ratelimit", namespaceId: "1" },
        ),
      ],
      [{ type: "cloudflare:index/workersScript:WorkersScript", props: {} }],
    ],
    bad: [
      [[script({ name: "KEY_OPENAI", type: "plain_text", text: "anything" })], /KEY_OPENAI is plain_text/],
      [[script({ name: "EXTRA", type: "plain_text", text: KEYS.anthropic })], /EXTRA is plain_text/],
      [[script({ name: "EXTRA", type: "json", json: `{"a":"ocg_${"a".repeat(48)}"}` })], /EXTRA is json/],
    ],
  },
  "run-token-permissions": {
    good: [[token(RUN)], [token(["AI Gateway Run"])]],
    bad: [
      [[token([...RUN, "AI Gateway Write"])], /6c8a3737f07f46369c1ea1f22138daaf/],
      [
        [token(RUN, {}, "f".repeat(32))],
        /reaches more than its account: com\.cloudflare\.api\.account\.f{32}/,
      ],
    ],
  },
  "run-token-expires": {
    good: [[token(RUN, { expiresOn: "2030-01-01T00:00:00Z" })]],
    bad: [[[token(RUN)], /never expires/]],
  },
  "host-key-pinned": {
    good: [[command({ hostKey: HOST_KEY })], [command({ hostKey: HOST_KEY, proxy: { hostKey: HOST_KEY } })]],
    bad: [
      [[command({ host: "203.0.113.7" })], /The host's key is not pinned/],
      [[command({ hostKey: "" })], /The host's key/],
      [[command()], /The host's key/],
      [[command({ hostKey: HOST_KEY, proxy: { host: "203.0.113.8" } })], /The jump host's key/],
    ],
  },
  "plugins-pinned": {
    good: [
      [plugin("cloudflare", installedVersion("@pulumi/cloudflare"))],
      [plugin("openclaw")],
      [{ type: "openclaw:index:Drain", props: {} }],
    ],
    bad: [
      [[plugin("command", "4.5.0")], /Plugin command is 4\.5\.0, and package\.json has 1\.2\.1/],
      [[plugin("random")], /is of any version/],
      [[plugin("aws", "7.0.0")], /names no exact version of @pulumi\/aws/],
    ],
  },
};

const named = (name: string): AnyPolicy => {
  const policy = POLICIES.find((candidate) => candidate.name === name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
};

test("every policy has cases, and a level that can be set", () => {
  expect(POLICIES.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
  for (const { enforcementLevel } of POLICIES) expect(["advisory", "mandatory"]).toContain(enforcementLevel);
});

describe.each(Object.entries(CASES))("%s", (name, { good, bad }) => {
  test.each(good.map((resources) => [resources]))("lets through %j", async (resources) => {
    expect(await violations(named(name), resources)).toEqual([]);
  });

  test.each(bad.map(([resources, said]) => [resources, said] as const))(
    "reports %j",
    async (resources, said) => {
      expect(await violations(named(name), resources)).toEqual([expect.stringMatching(said)]);
    },
  );
});

test("a report never shows a secret", async () => {
  const policy = named("worker-secrets-in-secret-bindings");
  const said = await violations(policy, [
    script({ name: "KEY_OPENAI", type: "plain_text", text: KEYS.openai }),
  ]);
  expect(said.join()).not.toContain(KEYS.openai);
});

test("a binding that is not known at preview is left for up", async () => {
  const later = {
    name: "GATEWAY_ID",
    type: "plain_text",
    get text(): string {
      throw Object.create(UnknownValueError.prototype);
    },
  };
  expect(await violations(named("worker-secrets-in-secret-bindings"), [script(later)])).toEqual([]);
});

test("docs/policies.md has each, with its level", () => {
  const document = readFileSync(join(__dirname, "../../../docs/policies.md"), "utf8");
  const rows = [...document.matchAll(/^\| `([a-z-]+)` \| (advisory|mandatory) \|/gm)];
  const levels = POLICIES.map(({ name, enforcementLevel }) => [name, enforcementLevel]);
  expect(rows.map(([, name, level]) => [name, level])).toEqual(levels);
});

test("what an `up` excludes has no properties, and is not reported", async () => {
  expect(await violations(named("host-key-pinned"), [{ type: "command:remote:Command", props: {} }])).toEqual(
    [],
  );
});

test("bounds and stacks are settings", async () => {
  const logs = gateway({ collectLogs: true, logManagement: 50_000 });
  expect(await violations(named("gateway-logs-bounded"), [logs], { maximum: 10_000 })).toHaveLength(1);
  expect(await violations(named("gateway-kept"), [gateway({})], { stacks: ["live"] })).toEqual([]);
});
