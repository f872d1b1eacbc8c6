import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../lib/run";

const MODULE = "github.com/cloudflare/cloudflare-go/v7";

/** What the provider's resources of this stack use of the module; its root package comes from plugins/_client. */
const USED = [
  ...["accounts", "ai_gateway", "secrets_store", "workers"],
  ...["internal", "option", "packages", "shared", "aliases.go", "field.go", "go.mod"],
];

/**
 * Lets a build of the plugins use a small cloudflare-go: most of compiling the Cloudflare plugin is the original's list of
 * every product. The module is downloaded and checked against go.sum as any other; only its root package is another.
 *
 * @param work gets the path of the `go.mod` to build with; it and the module are removed afterwards.
 * @throws Error when the module cannot be downloaded.
 */
export async function withSmallClient(
  pluginsModule: string,
  work: (modfile: string) => Promise<void>,
): Promise<void> {
  const original = await download(pluginsModule);
  const directory = await mkdtemp(join(tmpdir(), "openclaw-go-"));
  try {
    const client = join(directory, "cloudflare-go");
    await mkdir(client);
    for (const name of USED) {
      await symlink(join(original, name), join(client, name));
    }
    await copyFile(join(pluginsModule, "_client", "client.go"), join(client, "client.go"));

    const modfile = join(directory, "go.mod");
    const modules = await readFile(join(pluginsModule, "go.mod"), "utf8");
    await writeFile(modfile, `${modules}\nreplace ${MODULE} => ${client}\n`);
    await copyFile(join(pluginsModule, "go.sum"), join(directory, "go.sum"));
    await work(modfile);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function download(pluginsModule: string): Promise<string> {
  const options = { cwd: pluginsModule, env: process.env };
  const { exitCode, stdout, stderr } = await run("go", ["mod", "download", "-json", MODULE], options);
  if (exitCode !== 0) {
    throw new Error(`go mod download ${MODULE} ended with exit code ${exitCode}:\n${stdout}${stderr}`);
  }
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
