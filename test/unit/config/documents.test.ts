import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { parse } from "yaml";
import * as route from "../../../infra/cloudflare/route";
import { parseConfig } from "../../../infra/config/parse";
import { ConfigError } from "../../../infra/config/problems";
import { KEYS, rawConfig } from "./raw-config";

/** Every example of docs/routes.md is one that works. */

const document = readFileSync(join(__dirname, "../../../docs/routes.md"), "utf8");

function examples(language: string): [title: string, text: string][] {
  return document.split(/^## /m).flatMap((section) => {
    const title = section.split("\n")[0] ?? "";
    const blocks = section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"));
    return [...blocks].map((block, index): [string, string] => [`${title} (${index + 1})`, block[1] ?? ""]);
  });
}

const STORED = Object.fromEntries(
  (["anthropic", "openai"] as const).map((slug) => [slug, { apiKey: KEYS[slug], keyStore: "gateway" }]),
);

test.each(examples("yaml"))("%s is a right configuration", (_, text) => {
  const prefix = "openclaw-ai-gateway:";
  // What `pulumi config set --secret` has encrypted.
  const clear = text.replace("{ secure: … }", KEYS.anthropic);
  const entries = Object.entries(parse(clear) as Record<string, unknown>);
  for (const [key] of entries) expect(key.startsWith(prefix)).toBe(true);
  const values = Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
  const result = parseConfig(rawConfig({ providers: STORED, ...values }));
  if ("problems" in result) throw new ConfigError("docs", result.problems);
});

test.each(examples("ts"))("%s is a right graph", (_, text) => {
  const { code } = transformSync(text, { loader: "ts", format: "cjs" });
  const exported: { elements?: unknown } = {};
  const required: string[] = [];
  const load = (name: string) => {
    required.push(name);
    return route;
  };
  const module = { exports: exported };
  new Function("require", "module", "exports", code)(load, module, exported);
  expect(required).toEqual(["../infra/cloudflare/route"]);
  expect(route.parseRoute(module.exports.elements).problems).toBeUndefined();
});

test("there are examples of every form", () => {
  const all = examples("yaml").map(([, text]) => text);
  for (const form of ["model", "fallback", "split", "limit", "match", "graph"]) {
    expect(all.some((text) => text.includes(`\n    ${form}:`))).toBe(true);
  }
  expect(examples("ts")).not.toEqual([]);
});
