// Entry of every `npm run …` command: plain JavaScript without dependencies, because it runs before they are
// installed and under whatever Node (20 or newer) the machine has. It installs them once per lock file, then
// hands over to scripts/<command>.ts under the Node that package.json pins (OpenClaw and workerd need 22+).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 20;
const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stamp = join(modules, ".installed-from");

async function main([command, ...args]) {
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    fail(`Node ${process.versions.node} is too old: Node ${OLDEST_NODE} or newer is needed.`);
  }
  if (!command || !existsSync(join(root, "scripts", `${command}.ts`))) {
    fail(`There is no command "${command ?? ""}". \`npm run\` lists them.`);
  }
  await installDependencies();
  const node = join(modules, "node", "bin", "node");
  const script = join(root, "scripts", `${command}.ts`);
  const env = { ...process.env, PATH: join(modules, ".bin") + delimiter + process.env.PATH };
  process.exitCode = await run(node, ["--import", "tsx", script, ...args], { stdio: "inherit", env });
}

/** `npm ci`, unless node_modules was installed from this very lock file. Nothing else is written. */
async function installDependencies() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  const started = Date.now();
  process.stderr.write("  · npm packages: npm ci …\n");
  // npm_execpath is the npm that started us; without it (node scripts/run.mjs) the one on PATH.
  const npm = process.env.npm_execpath;
  const [file, prefix] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const code = await run(file, [...prefix, "ci", "--no-progress", "--loglevel=error"], {
    stdio: ["ignore", 2, 2],
  });
  if (code !== 0) fail(`npm ci ended with code ${code}; the lines above say why. Nothing else was done.`);
  writeFileSync(stamp, wanted);
  process.stderr.write(`  ✓ npm packages ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Runs a child to its end. Ctrl-C and hang-up reach it through the terminal; we only wait for its clean-up. */
function run(file, args, options) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, ...options });
    const forward = (signal) => child.kill(signal);
    const ignore = () => {};
    process.on("SIGINT", ignore).on("SIGHUP", ignore).on("SIGTERM", forward);
    child.on("error", (error) => fail(`${file}: ${error.message}`));
    child.on("exit", (code, signal) => {
      process.off("SIGINT", ignore).off("SIGHUP", ignore).off("SIGTERM", forward);
      resolve(signal ? 1 : code);
    });
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

await main(process.argv.slice(2));
