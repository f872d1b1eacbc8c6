import { type Import, importsBelow, readImports } from "./imports";

/**
 * Arrows go one way: `infra/index.ts` knows components, components know pure modules, pure modules know nothing of
 * Pulumi. `scripts/` and `test/` know all; nothing in `infra/` or `policy/` knows them.
 */

const infra = importsBelow("infra");

/** The modules that know Pulumi: the program, its components, and the plugin's protocol. All others are pure. */
const KNOW_PULUMI = new Set([
  "infra/index.ts",
  "infra/config.ts",
  "infra/hosts.ts",
  "infra/host-looks.ts",
  "infra/hosts-access.ts",
  "infra/outputs.ts",
  "infra/stack-state.ts",
  "infra/preflight/index.ts",
  "infra/cloudflare/address.ts",
  "infra/cloudflare/byok.ts",
  "infra/cloudflare/gateway.ts",
  "infra/cloudflare/host-tokens.ts",
  "infra/cloudflare/key-trials.ts",
  "infra/cloudflare/routes.ts",
  "infra/cloudflare/run-token.ts",
  "infra/cloudflare/worker.ts",
  "infra/host/connection.ts",
  "infra/host/cut-off-host.ts",
  "infra/host/index.ts",
  "infra/host/ssh.ts",
  "infra/pulumi-provider/resources.ts",
  "infra/pulumi-provider/server.ts",
  // Its error is one that Pulumi shows without a stack trace.
  "infra/config/problems.ts",
  // By way of the two above.
  "infra/host/jump-host.ts",
  "infra/host/look.ts",
  "infra/pulumi-provider/main.ts",
]);

const isPulumi = ({ to }: Import) => to.startsWith("@pulumi/");
const isIn = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const shown = (imports: readonly Import[]) => imports.map(({ from, to }) => `${from} imports ${to}`);

test("a pure module does not know Pulumi", () => {
  expect(shown(infra.filter((found) => isPulumi(found) && !KNOW_PULUMI.has(found.from)))).toEqual([]);
  const knowing = infra
    .filter((found) => isPulumi(found) || KNOW_PULUMI.has(found.to))
    .map(({ from }) => from);
  expect([...KNOW_PULUMI].filter((file) => !knowing.includes(file))).toEqual([]);
});

test("a pure module runs without those that know Pulumi", () => {
  const needed = infra.filter(({ typeOnly }) => !typeOnly);
  const allowed = new Set(["infra/config/problems.ts"]);
  const upward = needed.filter(
    ({ from, to }) => !KNOW_PULUMI.has(from) && KNOW_PULUMI.has(to) && !allowed.has(to),
  );
  expect(shown(upward)).toEqual([]);
});

test("nothing knows the entry point", () => {
  expect(shown(infra.filter(({ to }) => to === "infra/index.ts"))).toEqual([]);
});

test.each(["infra", "policy"])("%s knows neither scripts nor tests", (folder) => {
  const outward = importsBelow(folder).filter(({ to }) => /^(scripts|test)\//.test(to));
  expect(shown(outward)).toEqual([]);
});

test("scripts do not know tests", () => {
  expect(shown(importsBelow("scripts").filter(({ to }) => isIn("test")(to)))).toEqual([]);
});

const ALONE: [folder: string, allowed: (string | RegExp)[]][] = [
  // Runs at Cloudflare, without dependencies.
  ["infra/worker", ["infra/llm-provider.ts", "infra/llm-providers.ts"]],
  ["infra/cloudflare/route", ["zod", "infra/llm-providers.ts"]],
  // Runs in OpenClaw's container.
  [
    "infra/host/in-container",
    [/^node:/, "infra/llm-providers.ts", "infra/fetch-cause.ts", "infra/run-token-check.ts"],
  ],
];

test.each(ALONE)("%s imports itself and %s at most", (folder, allowed) => {
  const foreign = importsBelow(folder).filter(
    ({ to }) =>
      !isIn(folder)(to) && !allowed.some((one) => (typeof one === "string" ? one === to : one.test(to))),
  );
  expect(shown(foreign)).toEqual([]);
});

test("the provider table stands alone", () => {
  const table = infra.filter(({ from }) => /^infra\/llm-providers?\.ts$/.test(from));
  expect(shown(table.filter(({ to }) => to !== "infra/llm-provider.ts"))).toEqual([]);
});

test("the program has no circle of imports", () => {
  const needs = new Map<string, string[]>();
  for (const { from, to, typeOnly } of infra) {
    if (!typeOnly) needs.set(from, [...(needs.get(from) ?? []), to]);
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      circles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const next of needs.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of needs.keys()) walk(file, []);
  expect(circles).toEqual([]);
});

test("every form of import is seen", () => {
  const text = `
    import a, { type B } from "./a";
    import type { C } from "./c";
    import { type D } from "./d";
    import "./e";
    import f = require("./f");
    export * from "./g";
    export type { H } from "./h";
    const i = await import("./i");
    const j = require("./j");
    type K = import("./k").K;
    // import "./no";
    const text = 'import "./no"';
  `;
  expect(readImports("example.ts", text)).toEqual([
    { specifier: "./a", typeOnly: false },
    { specifier: "./c", typeOnly: true },
    { specifier: "./d", typeOnly: true },
    { specifier: "./e", typeOnly: false },
    { specifier: "./f", typeOnly: false },
    { specifier: "./g", typeOnly: false },
    { specifier: "./h", typeOnly: true },
    { specifier: "./i", typeOnly: false },
    { specifier: "./j", typeOnly: false },
    { specifier: "./k", typeOnly: true },
  ]);
});
