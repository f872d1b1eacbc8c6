import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { idInState } from "../../infra/stack-state";

/** A `pulumi` on the PATH that prints a state, and notes how it was called. */

const TYPE = "cloudflare:index/aiGateway:AiGateway";
const URN = `urn:pulumi:test::openclaw-ai-gateway::${TYPE}::gateway`;
const PATH = process.env.PATH;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "openclaw-state-"));
  process.env.PATH = [directory, PATH].join(delimiter);
  await pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "openclaw-ai-gateway",
    "test",
    false,
    "organization",
  );
});

afterAll(() => {
  process.env.PATH = PATH;
  rmSync(directory, { recursive: true, force: true });
});

function state(exported: object, script = "") {
  writeFileSync(join(directory, "state.json"), JSON.stringify(exported));
  const program = `#!/bin/sh\n${script}\n[ "$*" = "stack export --stack organization/openclaw-ai-gateway/test" ] || exit 9\ncat '${directory}/state.json'\n`;
  writeFileSync(join(directory, "pulumi"), program);
  chmodSync(join(directory, "pulumi"), 0o755);
}

test.each<[string, object, string | undefined]>([
  ["a new stack", { version: 3, deployment: {} }, undefined],
  ["another resource", { deployment: { resources: [{ urn: `${URN}2`, id: "other" }] } }, undefined],
  ["the resource", { deployment: { resources: [{ urn: URN, id: "mine" }] } }, "mine"],
  [
    "one that waits to be deleted",
    { deployment: { resources: [{ urn: URN, id: "mine", delete: true }] } },
    undefined,
  ],
])("%s", async (_, exported, id) => {
  state(exported);
  expect(await idInState(TYPE, "gateway")).toBe(id);
});

test("a CLI that fails is an error, not an empty state", async () => {
  state({}, "echo 'no such stack' >&2; exit 255");
  await expect(idInState(TYPE, "gateway")).rejects.toThrow(
    /could not be read with 'pulumi stack export'.*no such stack/s,
  );
});
