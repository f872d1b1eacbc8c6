import { existsSync, readdirSync } from "node:fs";
import { copyFile, link, mkdir } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import { dirname, join } from "node:path";

import { cacheDir, hashOf, once } from "../setup/cache";
import { checkGo, goBuild } from "../setup/go-build";
import type { Note } from "../setup/progress";
import { cliDirectory, pluginFile } from "./home";
import { bundleHelpers } from "./language/bundle";
import { withSmallClient } from "./small-client";
import { type EngineVersions, installedVersion, PLUGINS } from "./versions";

/** From here on two Go builds beside each other are faster than one after the other, which share compiled packages. */
const PARALLEL_CORES = 4;
/** Linking the CLI alone takes about 2 GiB. */
const PARALLEL_MEMORY = 6 * 1024 ** 3;

const OTHER_WAY = "let this machine reach Pulumi's download site, so that nothing has to be built";

/** The parts of a built engine, each cached by a hash of its own sources. */
interface Parts {
  readonly cli: string;
  readonly plugins: string;
  /** The `PULUMI_HOME` that is put together from them. */
  readonly home: string;
}

/** Where the engine of these sources and versions is, built or not. */
export function builtHome(versions: EngineVersions): string {
  return parts(versions).home;
}

/**
 * Builds what is not in the cache yet and returns the `PULUMI_HOME`.
 *
 * @throws Error when Go is missing or too old, or a build fails.
 */
export async function buildEngine(versions: EngineVersions, note: Note): Promise<string> {
  const { cli, plugins, home } = parts(versions);
  if (![cli, plugins].every(existsSync)) {
    await checkGo(join(__dirname, "cli"), "the Pulumi engine", OTHER_WAY);
  }
  const builds = [
    () => once(cli, (directory) => buildCli(directory, versions, prefixed("CLI", note)), note),
    () => once(plugins, (directory) => buildPlugins(directory, versions, prefixed("plugins", note)), note),
  ];
  if (availableParallelism() >= PARALLEL_CORES && freemem() >= PARALLEL_MEMORY) {
    await Promise.all(builds.map((build) => build()));
  } else {
    for (const build of builds) await build();
  }
  await once(home, (directory) => assemble(directory, cli, plugins, versions), note);
  return home;
}

function parts(versions: EngineVersions): Parts {
  const platform = `${process.platform} ${process.arch}`;
  const cli = hashOf(sources("cli"), `${platform} ${versions.cli}`);
  const plugins = hashOf(
    [...sources("plugins"), join(__dirname, "small-client.ts")],
    `${platform} ${JSON.stringify(versions.plugins)}`,
  );
  const helpers = hashOf(sources("language"), installedVersion("@pulumi/pulumi"));
  const home = hashOf([], [cli, plugins, helpers].join(" "));
  return {
    cli: cacheDir("engine", `cli-${cli}`),
    plugins: cacheDir("engine", `plugins-${plugins}`),
    home: cacheDir("engine", `home-${home}`),
  };
}

/** The files of a part in a fixed order, without its Go tests. */
function sources(part: string): string[] {
  const directory = join(__dirname, part);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The same CLI that Pulumi releases; without the version in it `pulumi version` is empty and the Automation API fails. */
function buildCli(directory: string, versions: EngineVersions, note: Note): Promise<void> {
  return goBuild({
    moduleDir: join(__dirname, "cli"),
    pkg: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    output: join(directory, "pulumi"),
    ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${versions.cli}`,
    note,
  });
}

async function buildPlugins(directory: string, versions: EngineVersions, note: Note): Promise<void> {
  const moduleDir = join(__dirname, "plugins");
  const variables = { Cloudflare: "cloudflare", Command: "command", Random: "random" } as const;
  const settings = Object.entries(variables).map(
    ([variable, name]) =>
      `-X openclaw-ai-gateway/engine/plugins/versions.${variable}=${versions.plugins[name]}`,
  );
  await withSmallClient(moduleDir, (modfile) =>
    goBuild({
      moduleDir,
      modfile,
      pkg: PLUGINS.map((name) => `./${name}`),
      output: directory,
      ldflags: ["-s -w", ...settings].join(" "),
      note,
    }),
  );
}

async function assemble(home: string, cli: string, plugins: string, versions: EngineVersions): Promise<void> {
  const bin = cliDirectory(home, versions);
  await place(join(cli, "pulumi"), join(bin, "pulumi"));
  for (const name of PLUGINS) {
    await place(join(plugins, name), pluginFile(home, versions, name));
  }
  await bundleHelpers(bin);
}

/** A hard link; a copy where the file system has none. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}

function prefixed(prefix: string, note: Note): Note {
  return (detail) => note(`${prefix}: ${detail}`);
}
