import { ConfigError, type ConfigProblem } from "../../../infra/config/problems";

function message(...problems: ConfigProblem[]): string {
  return new ConfigError("prod", problems).message;
}

test("what was found, what is allowed and the command that fixes it", () => {
  expect(message({ path: ["hosts", 0, "port"], found: 0 })).toBe(
    [
      "The configuration of stack 'prod' has a problem:",
      "  1. hosts[0].port: found 0",
      "     allowed: 1 to 65535",
      "     fix: pulumi config set --path 'hosts[0].port' 22",
    ].join("\n"),
  );
});

test("each problem has a number", () => {
  const text = message({ path: ["accountId"], found: "" }, { path: ["gateway", "cacheTtl"], found: -1 });
  expect(text).toContain("has 2 problems:");
  expect(text).toContain("  1. accountId: not set\n");
  expect(text).toContain("  2. gateway.cacheTtl: found -1\n");
});

test("a reason and a fix of its own", () => {
  const problem = { path: ["gatway"], found: {}, reason: "no such key", fix: "pulumi config rm gatway" };
  expect(message(problem)).toMatch(
    /gatway: found an object \(no such key\)\n {5}fix: pulumi config rm gatway$/,
  );
});

test.each<[ConfigProblem["path"], string]>([
  [["accountId"], "pulumi config set accountId <account-id>"],
  [["cloudflare:apiToken"], "pulumi config set --secret cloudflare:apiToken"],
  [["providers", "openai", "apiKey"], "pulumi config set --secret --path 'providers.openai.apiKey'"],
  [["providers", "openai"], "pulumi config set --secret --path 'providers.openai.apiKey'"],
  [["hosts"], "pulumi config set --path 'hosts[0].name' vps1"],
  [["hosts", 1, "privateKey"], "pulumi config set --secret --path 'hosts[1].privateKey' < <key file>"],
])("the command for %j", (path, command) => {
  expect(message({ path, found: undefined })).toMatch(new RegExp(`fix: ${forPattern(command)}$`));
});

test.each<[string, ConfigProblem["path"], unknown]>([
  ["a provider's key", ["providers", "openai", "apiKey"], "sk-proj-sentinel"],
  ["a key one level too high", ["providers", "openai"], "sk-proj-sentinel"],
  ["all of providers as a text", ["providers"], "sk-proj-sentinel"],
  ["the API token", ["cloudflare:apiToken"], "sentinel"],
  ["an SSH key", ["hosts", 0, "privateKey"], "sentinel"],
  ["an object with secrets in it", ["hosts", 0], { privateKey: "sentinel" }],
  ["anything long, such as a key in the wrong place", ["hosts", 0, "hostKey"], `sentinel${"x".repeat(60)}`],
])("%s is never shown", (_, path, found) => {
  expect(message({ path, found })).not.toContain("sentinel");
});

function forPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
