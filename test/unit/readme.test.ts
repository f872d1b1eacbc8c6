import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ReadmeFacts, renderReadme } from "../../infra/readme";

const FACTS: ReadmeFacts = {
  stack: "prod",
  accountId: "0123456789abcdef0123456789abcdef",
  workerUrl: "https://openclaw-prod.acme.workers.dev",
  workerName: "openclaw-prod",
  tokenName: "openclaw-prod",
  gatewayId: "openclaw-gw",
  gatewayUrl: "https://gateway.ai.cloudflare.com/v1/0123456789abcdef0123456789abcdef/openclaw-gw",
  routeModel: "dynamic/main",
  routeModels: ["dynamic/main", "dynamic/cheap"],
  ownRunToken: false,
  providers: ["Anthropic", "OpenAI"],
  hosts: [{ name: "vps1", address: "vps.example.com", directory: "/opt/openclaw" }],
};
const DASHBOARD = `https://dash.cloudflare.com/${FACTS.accountId}`;

test("says what exists and where, with the pages of the dashboard", () => {
  const text = renderReadme(FACTS);
  for (const part of [
    FACTS.workerUrl,
    FACTS.gatewayUrl,
    `${DASHBOARD}/ai/ai-gateway/gateways/openclaw-gw/logs`,
    `${DASHBOARD}/ai/ai-gateway/gateways/openclaw-gw/routing`,
    `${DASHBOARD}/workers/services/view/openclaw-prod/production`,
    `${DASHBOARD}/api-tokens`,
    "| run token | `openclaw-prod` |",
    "`dynamic/main`, `dynamic/cheap`",
    "Anthropic, OpenAI",
    "| vps1 | vps.example.com | `/opt/openclaw` |",
  ]) {
    expect(text).toContain(part);
  }
});

test("without the Worker it says nothing of one", () => {
  const { workerUrl: _, ...facts } = FACTS;
  const text = renderReadme({ ...facts, tokenName: "openclaw-prod direct" });
  expect(text).toContain(`itself (\`access: direct\`)`);
  expect(text).toContain("| run token | `openclaw-prod direct` |");
  expect(text).toContain(`${FACTS.gatewayUrl}/compat/chat/completions`);
  expect(text).not.toMatch(/proxy Worker|workers\.dev|npm run rotate|revoked/);
});

test("says how to use the route, rotate and roll back, as commands of this stack", () => {
  const text = renderReadme(FACTS);
  for (const part of [
    "--model cloudflare-compat/dynamic/main",
    "npm run doctor -- --stack prod",
    "npm run rotate -- --stack prod",
    "runToken.rotation",
    "pulumi destroy",
  ]) {
    expect(text).toContain(part);
  }
});

test("nothing is left to fill in, and what nobody knows is refused", () => {
  expect(renderReadme(FACTS)).not.toContain("${");
  expect(() => renderReadme(FACTS, `\${nobody}`)).toThrow(`Pulumi.README.md has \${nobody}`);
});

test("without hosts and with a token of the operator's own", () => {
  const text = renderReadme({ ...FACTS, hosts: [], ownRunToken: true, providers: [] });
  expect(text).toContain("No host is set up.");
  expect(text).toContain("| run token | your own |");
});

test("every command of npm that it names exists", () => {
  const root = join(__dirname, "../..");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const named = [...renderReadme(FACTS).matchAll(/npm run (\S+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !Object.hasOwn(scripts, name ?? ""))).toEqual([]);
});
