import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG, KEYS } from "./fixtures";
import { Machine } from "./machine";

/** Where OpenClaw's configuration can be: what is supported, and what is refused before any change. */

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.create();
});
afterEach(() => machine.remove());

function mounts(...lines: string[]): void {
  const directory = `\${OPENCLAW_DIRECTORY}`;
  const own = `- ${directory}:${directory}`;
  machine.write(
    "docker-compose.yml",
    machine.file("docker-compose.yml").replaceAll(own, lines.join("\n      ")),
  );
}

async function isRefused(message: RegExp, ...stdin: string[]): Promise<void> {
  machine.start();
  const before = machine.tree();
  for (const verb of ["preflight", "apply"] as const) {
    for (const input of stdin) {
      const { code, output } = await machine.run(verb, { stdin: input });
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(message) });
    }
  }
  expect(machine.tree()).toEqual(before);
  expect(machine.serving()).toBe("own");
}

test("a named volume is refused, with its name and the way out of it", async () => {
  mounts(`- openclaw-data:${join(machine.project, "state")}`);
  await isRefused(
    /^error config_not_mounted: .*state\/openclaw\.json of the container is in the volume openclaw-data,.*\n.*\n {2}fix: docker compose cp openclaw-gateway:.*state \.\/openclaw, then mount \.\/openclaw there/m,
    machine.stdin(),
    machine.directStdin(),
  );
});

test("no mount at all is refused: the configuration would go with the container", async () => {
  mounts("- ./elsewhere:/elsewhere");
  await isRefused(/^error config_not_mounted: .* is in the container itself/m, machine.stdin());
});

test("a volume around a mounted state directory does no harm", async () => {
  mounts(`- openclaw-home:${machine.project}`, `- ./state:${join(machine.project, "state")}`);
  machine.start();
  const before = machine.tree();
  expect((await machine.run("apply")).output).toContain("applied: dev/vps1");
  // The command-line container has the same state directory, and so needs the same variables.
  const { services } = JSON.parse(machine.file("docker-compose.ai-gateway.yml"));
  expect(Object.keys(services)).toEqual(["openclaw-gateway", "openclaw-cli"]);
  await machine.run("restore");
  expect(machine.tree()).toEqual(before);
});

const INCLUDES: [string, object][] = [
  ["at the top", { $include: "./base.json5" }],
  ["in an object", { models: { $include: ["./a.json5", "./b.json5"] } }],
  ["in an item of a list", { agents: { list: [{ $include: "./agent.json5" }] } }],
];

test.each(INCLUDES)(
  "$include %s is refused: OpenClaw would write the change into that file",
  async (_, part) => {
    machine.write("state/openclaw.json", JSON.stringify({ ...JSON.parse(CONFIG), ...part }));
    machine.write("state/models.json5", `{ apiKey: "${KEYS.OPENAI_API_KEY}" }`);
    await isRefused(
      /^error config_includes: .*\n.*\n {2}fix: put the included parts into openclaw\.json/m,
      machine.stdin(),
      machine.directStdin(),
    );
  },
);

test("a text that only speaks of $include does no harm", async () => {
  machine.write("state/openclaw.json", JSON.stringify({ ...JSON.parse(CONFIG), ui: { note: "$include" } }));
  machine.start();
  expect((await machine.run("preflight")).code).toBe(0);
});

// Only root can be somebody else. The fake Docker is the user himself, who would not see the file in "the container" either.
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("a place that the user may not look into is one for root to find", () => {
  const hidden = join(machine.root, "home", "openclaw");
  mkdirSync(hidden, { recursive: true });
  chmodSync(machine.root, 0o755);
  chmodSync(join(machine.root, "home"), 0o700);
  const program = ["10-common", "45-checks", "50-openclaw"]
    .map((part) => readFileSync(join(__dirname, `../../infra/host/program/${part}.sh`), "utf8"))
    .join("\n");
  const check = `HOST=vps1 NEEDS_ROOT=0 CONFIG='${hidden}/openclaw.json'; allow 60; check_config_place; echo "root: $NEEDS_ROOT"`;
  const { stdout } = spawnSync("sh", ["-c", `${program}\n${check}`], {
    uid: 1234,
    gid: 1234,
    encoding: "utf8",
  });
  expect(stdout).toMatch(/^error config_dir_missing: [\s\S]*^root: 1$/m);
});
