/** What every project shares: swc strips the types (`npm run typecheck` checks them). */
const common = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } } }] },
};

/** One project per layer, so that `--selectProjects` runs a layer alone. `test/` says what each needs. */
const layers = ["unit", "worker", "local", "host", "e2e"];

/** @type {import("jest").Config} */
module.exports = {
  // The layers past `unit` start servers, containers and engines; two at a time is what two cores carry.
  testTimeout: 120_000,
  projects: layers.map((layer) => ({
    ...common,
    displayName: layer,
    testMatch: [`<rootDir>/test/${layer}/**/*.test.ts`],
  })),
};
