import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { buildEngine, builtHome } from "../engine/build";
import { cliDirectory } from "../engine/home";
import { downloadSiteAnswers, installOfficialEngine, officialHome } from "../engine/official";
import { type EngineVersions, installedVersions } from "../engine/versions";
import type { Note } from "./progress";

/** A Pulumi CLI with its language host and the plugins of this stack, in a `PULUMI_HOME` of its own. */
export interface Engine {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  readonly pulumiHome: string;
  /** The vendor's own binaries, or built here from the same sources. */
  readonly origin: "official" | "built";
  /** What a process needs in its environment, on top of what it has, to use this engine and no other. */
  env(): NodeJS.ProcessEnv;
}

/** The ways to an engine; replaced in tests. */
export interface EngineSteps {
  /** Whether the vendor's download site can be reached. */
  siteAnswers(): Promise<boolean>;
  /** Returns the `PULUMI_HOME`. */
  install(versions: EngineVersions, note: Note): Promise<string>;
  /** Returns the `PULUMI_HOME`. */
  build(versions: EngineVersions, note: Note): Promise<string>;
}

const realSteps: EngineSteps = {
  siteAnswers: downloadSiteAnswers,
  install: installOfficialEngine,
  build: buildEngine,
};

/**
 * The engine of the versions that package.json pins: what the cache has, else the vendor's when its download site
 * answers, else one that is built from Go modules.
 *
 * A built one lives in a `PULUMI_HOME` of its own, never in `~/.pulumi`, and its Cloudflare plugin refuses any API that
 * is not on this machine. So a run against a real account cannot pick it up.
 *
 * @throws Error that names the ways out when neither works.
 */
export async function prepareEngine(note: Note, steps: EngineSteps = realSteps): Promise<Engine> {
  const versions = installedVersions();
  const official = officialHome(versions);
  if (existsSync(official)) return engineAt(official, "official", versions);
  const built = builtHome(versions);
  if (existsSync(built)) return engineAt(built, "built", versions);

  note("asking the download site");
  if (!(await steps.siteAnswers())) {
    return engineAt(await steps.build(versions, note), "built", versions);
  }
  try {
    return engineAt(await steps.install(versions, note), "official", versions);
  } catch (error) {
    note("the download failed, building instead");
    return engineAt(await buildAfter(error, versions, note, steps), "built", versions);
  }
}

async function buildAfter(
  downloadError: unknown,
  versions: EngineVersions,
  note: Note,
  steps: EngineSteps,
): Promise<string> {
  try {
    return await steps.build(versions, note);
  } catch (buildError) {
    const message = (error: unknown) => (error instanceof Error ? error.message : String(error));
    throw new Error(
      `The Pulumi engine can be neither downloaded nor built.\nDownload: ${message(downloadError)}\nBuild: ${message(buildError)}`,
      { cause: buildError },
    );
  }
}

function engineAt(home: string, origin: Engine["origin"], versions: EngineVersions): Engine {
  const bin = cliDirectory(home, versions);
  return {
    pulumi: join(bin, "pulumi"),
    pulumiHome: home,
    origin,
    env: () => ({
      PULUMI_HOME: home,
      PULUMI_VERSION: versions.cli, // for the npm wrapper: a version set by the user is another engine
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true", // a plugin that happens to be on PATH is not the pinned one
      // The language host runs programs with the first `node`; that is the one that runs this.
      PATH: [bin, dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter),
    }),
  };
}
