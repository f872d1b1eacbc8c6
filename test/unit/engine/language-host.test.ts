import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { bundleHelpers } from "../../../scripts/engine/language/bundle";
import { installedVersion } from "../../../scripts/engine/versions";

// The stubs and their gRPC have to be the same copy.
const grpc = createRequire(require.resolve("@pulumi/pulumi"))(
  "@grpc/grpc-js",
) as typeof import("@grpc/grpc-js");

let directory: string;
let program: string;
let host: ChildProcess;
let client: LanguageRuntimeClient;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "language-host-test-"));
  await bundleHelpers(directory);
  program = join(directory, "program");
  install("@pulumi/pulumi", { version: "3.0.0" });
  install("@pulumi/random", { version: "4.5.6", pulumi: { resource: true } });
  install("third", { version: "1.0.0", pulumi: { resource: true, name: "tertium", version: "v2.0.0" } });
  install("plain", { version: "1.0.0" });
  writeFileSync(join(program, "package.json"), JSON.stringify({ dependencies: { plain: "1.0.0" } }));

  host = spawn(join(directory, "pulumi-language-nodejs"), ["127.0.0.1:1"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
  });
  const port = await firstLine(host);
  client = new LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
});

afterAll(async () => {
  client.close();
  const ended = new Promise((resolve) => host.once("close", resolve));
  host.kill("SIGTERM");
  await ended;
  rmSync(directory, { recursive: true });
});

/** A package in the program's node_modules; @pulumi/pulumi gets stand-ins for the programs that the host starts. */
function install(name: string, manifest: object): void {
  const target = join(program, "node_modules", name);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "package.json"), JSON.stringify({ name, ...manifest }));
  if (name !== "@pulumi/pulumi") return;
  for (const command of ["run", "run-plugin", "run-policy-pack"]) {
    mkdirSync(join(target, "cmd", command), { recursive: true });
    writeFileSync(
      join(target, "cmd", command, "index.js"),
      `const { argv, env } = process;
       const seen = { command: "${command}", cwd: process.cwd(), args: argv.slice(2), typescript: env.PULUMI_NODEJS_TYPESCRIPT,
         config: env.PULUMI_CONFIG, secretKeys: env.PULUMI_CONFIG_SECRET_KEYS, fromEngine: env.FROM_ENGINE };
       if (env.PULUMI_CONFIG) require("node:fs").writeFileSync(${JSON.stringify(join(program, "seen.json"))}, JSON.stringify(seen));
       else console.log(JSON.stringify(seen));
       process.exit(Number(JSON.parse(env.PULUMI_CONFIG ?? "{}")["p:exit"] ?? 7));`,
    );
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
  });
}

function info(): language.ProgramInfo {
  const value = new language.ProgramInfo();
  value.setProgramDirectory(program);
  value.setRootDirectory(directory);
  value.setEntryPoint(".");
  return value;
}

function call<Response>(start: (done: (error: Error | null, response?: Response) => void) => void) {
  return new Promise<Response>((resolve, reject) => {
    start((error, response) => (response === undefined ? reject(error) : resolve(response)));
  });
}

async function run(exitCode: number): Promise<language.RunResponse> {
  const request = new language.RunRequest();
  request.setInfo(info());
  request.setProject("p");
  request.setStack("s");
  request.setDryrun(true);
  request.setParallel(4);
  request.setMonitorAddress("127.0.0.1:2");
  request.getConfigMap().set("p:exit", String(exitCode));
  request.setConfigsecretkeysList(["p:key"]);
  return call<language.RunResponse>((done) => client.run(request, done));
}

function runPlugin(kind: string): Promise<{ stdout: string; exitCode: number }> {
  const request = new language.RunPluginRequest();
  request.setInfo(info());
  request.setPwd(directory);
  request.setKind(kind);
  request.setArgsList(["127.0.0.1:3"]);
  request.setEnvList(["FROM_ENGINE=a=b"]);
  return new Promise((resolve, reject) => {
    let stdout = "";
    let exitCode = -1;
    client
      .runPlugin(request)
      .on("data", (response: language.RunPluginResponse) => {
        if (response.hasStdout()) stdout += Buffer.from(response.getStdout_asU8()).toString();
        if (response.hasExitcode()) exitCode = response.getExitcode();
      })
      .on("end", () => resolve({ stdout, exitCode }))
      .on("error", reject);
  });
}

test("names the version of the SDK it was made from", async () => {
  const answer = await call<{ getVersion(): string }>((done) => client.getPluginInfo(new Empty(), done));
  expect(answer.getVersion()).toBe(installedVersion("@pulumi/pulumi"));
});

test("finds the plugins that the installed packages need", async () => {
  const request = new language.GetRequiredPackagesRequest();
  request.setInfo(info());
  const answer = await call<language.GetRequiredPackagesResponse>((done) =>
    client.getRequiredPackages(request, done),
  );
  const found = answer.getPackagesList().map((entry) => [entry.getName(), entry.getVersion()]);
  expect(found.sort()).toEqual([
    ["random", "v4.5.6"],
    ["tertium", "v2.0.0"],
  ]);
});

test("lists what the program depends on", async () => {
  const request = new language.GetProgramDependenciesRequest();
  request.setInfo(info());
  const answer = await call<language.GetProgramDependenciesResponse>((done) =>
    client.getProgramDependencies(request, done),
  );
  expect(answer.toObject().dependenciesList).toEqual([{ name: "plain", version: "1.0.0" }]);
});

test("runs a program with the SDK that is installed beside it", async () => {
  const answer = await run(0);
  expect([answer.getError(), answer.getBail()]).toEqual(["", false]);
  const { default: seen } = await import(join(program, "seen.json"));
  expect(seen).toMatchObject({
    command: "run",
    typescript: "true",
    config: '{"p:exit":"0"}',
    secretKeys: '["p:key"]',
  });
  const args = "--monitor 127.0.0.1:2 --engine 127.0.0.1:1 --project p --stack s --parallel 4 --dry-run .";
  const noPaths = (seen.args as string[]).filter((arg, at, all) => {
    const isPath = (flag: string | undefined) => flag === "--pwd" || flag === "--root-directory";
    return !isPath(arg) && !isPath(all[at - 1]);
  });
  expect(noPaths.join(" ")).toBe(args);
});

test("exit code 32 means that the user has been told; another is an error", async () => {
  const told = await run(32);
  expect([told.getError(), told.getBail()]).toEqual(["", true]);
  const failed = await run(5);
  expect([failed.getError(), failed.getBail()]).toEqual(["Program exited with non-zero exit code: 5", false]);
});

test("a program without the SDK gets a way out", async () => {
  const request = new language.RunRequest();
  const elsewhere = info();
  elsewhere.setProgramDirectory("/");
  request.setInfo(elsewhere);
  const answer = await call<language.RunResponse>((done) => client.run(request, done));
  expect(answer.getError()).toBe("@pulumi/pulumi is not installed for /. Run npm install there.");
});

test("runs a provider in the engine's directory and a policy pack in its own", async () => {
  const provider = await runPlugin("resource");
  expect(provider.exitCode).toBe(7);
  expect(JSON.parse(provider.stdout)).toMatchObject({
    command: "run-plugin",
    cwd: directory,
    args: [program, "127.0.0.1:3"],
    fromEngine: "a=b",
  });
  const policy = await runPlugin("analyzer");
  expect(JSON.parse(policy.stdout)).toMatchObject({
    command: "run-policy-pack",
    cwd: program,
    args: ["127.0.0.1:3", program],
  });
});
