import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { installedVersions } from "../../../scripts/engine/versions";
import { root } from "./imports";

const folder = join(root, ".github/workflows");
const files = readdirSync(folder).sort();

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { permissions: Record<string, string>; steps: Step[]; if: string; environment?: string }>
  >;
}

const text = (file: string) => readFileSync(join(folder, file), "utf8");
const workflow = (file: string) => parse(text(file)) as Workflow;
const jobs = (file: string) => Object.values(workflow(file).jobs);
const steps = (file: string) => jobs(file).flatMap((job) => job.steps);

test("there is one for each occasion", () => {
  expect(files).toEqual(["drift.yml", "preview.yml", "up.yml"]);
  expect(Object.keys(workflow("preview.yml").on)).toEqual(["pull_request"]);
  expect(Object.keys(workflow("up.yml").on)).toEqual(["push", "workflow_dispatch"]);
  expect(Object.keys(workflow("drift.yml").on)).toEqual(["schedule", "workflow_dispatch"]);
});

describe.each(files)("%s", (file) => {
  test("uses actions by digest, with the version beside it", () => {
    const used = [...text(file).matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("asks for the least permissions", () => {
    expect(workflow(file).permissions).toEqual({ contents: "read" });
    const comments = file === "preview.yml" ? { "pull-requests": "write" } : {};
    for (const job of jobs(file)) {
      expect(job.permissions).toEqual({ contents: "read", "id-token": "write", ...comments });
    }
    expect(text(file)).not.toMatch(/\$\{\{[^}]*secrets\./);
  });

  test("runs the engine that package.json pins, and only where a stack is named", () => {
    const engines = steps(file).flatMap((step) => step.with?.["pulumi-version"] ?? []);
    expect(engines).toEqual([installedVersions().cli]);
    for (const job of jobs(file)) expect(job.if).toContain("vars.PULUMI_STACK != ''");
  });

  test("puts no expression into a shell", () => {
    for (const { run } of steps(file)) expect(run ?? "").not.toContain("${{");
  });
});

test("up waits for an approval, and no run of the stack is cut off", () => {
  expect(jobs("up.yml").map(({ environment }) => environment)).toEqual(["production"]);
  for (const file of ["up.yml", "drift.yml"]) {
    expect(parse(text(file))).toMatchObject({ concurrency: { group: "stack", "cancel-in-progress": false } });
  }
});

test("a pull request from a fork gets nothing", () => {
  for (const job of jobs("preview.yml")) {
    expect(job.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
  }
});

test("every action is at one version", () => {
  const all = files.flatMap((file) =>
    [...text(file).matchAll(/uses: (\S+@\S+)/g)].map(([, action]) => action),
  );
  const byName = new Set(all.map((action) => action?.split("@")[0]));
  expect(new Set(all).size).toBe(byName.size);
});
