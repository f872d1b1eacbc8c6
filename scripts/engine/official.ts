import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { run } from "../lib/run";
import { cacheDir, once } from "../setup/cache";
import type { Note } from "../setup/progress";
import { cliDirectory, pluginFile } from "./home";
import { type EngineVersions, PLUGINS } from "./versions";

/** How long the download site has to answer before the engine is built instead, in milliseconds. */
const PATIENCE_MS = 4000;

const wrapper = dirname(createRequire(__filename).resolve("pulumi/package.json"));

/** Where the vendor's engine of these versions is, installed or not. */
export function officialHome(versions: EngineVersions): string {
  const plugins = PLUGINS.map((name) => `${name}-${versions.plugins[name]}`);
  return cacheDir("engine", ["official", versions.cli, ...plugins].join("_"));
}

/**
 * What the npm package `pulumi` downloads first. It has no interface that tells, so this reads its source.
 *
 * @throws Error when the address is no longer there.
 */
export function downloadAddress(): string {
  const file = join(wrapper, "lib", "download.js");
  const address = /"(https:\/\/[^"]+\.sh)"/.exec(readFileSync(file, "utf8"))?.[1];
  if (!address) {
    throw new Error(`${file} names no install script. Pin the version of pulumi that package.json asks for.`);
  }
  return address;
}

/** Whether the vendor's install script can be fetched. A portal or proxy that answers with something else counts as no. */
export async function downloadSiteAnswers(
  address = downloadAddress(),
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(patienceMs) });
    return response.ok && (await response.text()).startsWith("#!");
  } catch {
    return false; // no network, no name, a time-out: whatever it is, it cannot be downloaded now
  }
}

/**
 * Downloads the CLI through its npm wrapper and the plugins through the CLI. Returns the `PULUMI_HOME`.
 *
 * @throws Error with the output of the step that failed; nothing is left behind then.
 */
export async function installOfficialEngine(versions: EngineVersions, note: Note): Promise<string> {
  const home = officialHome(versions);
  await once(home, (directory) => install(directory, versions, note), note);
  return home;
}

async function install(home: string, versions: EngineVersions, note: Note): Promise<void> {
  const env = { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const cli = join(cliDirectory(home, versions), "pulumi");

  note(`downloading pulumi ${versions.cli}`);
  await mustRun(process.execPath, [join(wrapper, "run.js"), "version"], env, cli);
  for (const name of PLUGINS) {
    note(`downloading the ${name} plugin ${versions.plugins[name]}`);
    const args = ["plugin", "install", "resource", name, versions.plugins[name]];
    await mustRun(cli, args, env, pluginFile(home, versions, name));
  }
}

async function mustRun(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  result: string,
): Promise<void> {
  const { exitCode, stdout, stderr } = await run(file, args, { env });
  if (exitCode !== 0 || !existsSync(result)) {
    throw new Error(
      `${[file, ...args].join(" ")} ended with exit code ${exitCode}:\n${stdout}${stderr}`.trim(),
    );
  }
}
