import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { rootCertificates } from "node:tls";
import { run } from "../lib/run";
import { cacheDir, hashOf } from "./cache";
import type { Docker } from "./docker";
import { withMachineLock } from "./machine-lock";
import { findProgram, systemPath } from "./programs";
import type { Note } from "./progress";

const REPOSITORY = "openclaw-ai-gateway/openclaw";
const SOURCES = join(__dirname, "openclaw-image");
const SOURCE_FILES = ["package.json", "package-lock.json", ".npmrc"];
const OPENCLAW_VERSION: string = require("./openclaw-image/package.json").dependencies.openclaw;

/** The Node that package.json pins: OpenClaw's install script refuses any outside >=24.16 <25. */
const NODE = realpathSync(join(dirname(require.resolve("node/package.json")), "bin", "node"));

/** What the official image runs as. Where we are not root, the container runs as the user who owns its files. */
const NODE_USER = process.getuid?.() || 1000;

/**
 * Image with the real OpenClaw in the shape of the official one: uid 1000 `node`, WORKDIR `/app`,
 * `node dist/index.js`. It is made from npm packages and files of this machine, because no image registry is needed
 * that way. Built once per content.
 *
 * @returns the reference of the image
 * @throws Error with npm's, tar's or Docker's last lines
 */
export async function prepareOpenClawImage(docker: Docker, note: Note): Promise<string> {
  const files = [...SOURCE_FILES.map((name) => join(SOURCES, name)), __filename];
  const hash = hashOf(files, `${process.arch} ${NODE_USER} ${require("node/package.json").version}`);
  const image = `${REPOSITORY}:${OPENCLAW_VERSION}-${hash}`;
  if (await exists(image, docker)) return image;
  const build = async () => {
    if (!(await exists(image, docker))) await buildImage(image, docker, note);
  };
  await withMachineLock(`image ${image} ${docker.env.DOCKER_HOST}`, build, note);
  return image;
}

async function exists(image: string, docker: Docker): Promise<boolean> {
  const { exitCode } = await run("docker", ["image", "inspect", image], { env: docker.env });
  return exitCode === 0;
}

async function buildImage(image: string, docker: Docker, note: Note): Promise<void> {
  mkdirSync(cacheDir(), { recursive: true });
  const root = mkdtempSync(cacheDir("openclaw-root-"));
  try {
    await installOpenClaw(join(root, "app"), note);
    note("root file system");
    await addSystem(root);
    note("docker import");
    await importImage(root, image, docker);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * `npm ci` into `/app`. The official image holds OpenClaw's package itself at `/app`; here it stays where npm puts it,
 * so that its dependencies resolve as npm laid them out, and each of its entries is linked into `/app`.
 */
async function installOpenClaw(app: string, note: Note): Promise<void> {
  note("npm ci");
  mkdirSync(app, { recursive: true });
  for (const name of SOURCE_FILES) copyFileSync(join(SOURCES, name), join(app, name));
  // The prefix is named because an npm that runs us exports its own (npm_config_local_prefix).
  const args = [npmCli(), "ci", "--prefix", app, "--no-progress", "--loglevel=error"];
  const env = { ...process.env, PATH: `${dirname(NODE)}:${systemPath()}` };
  const { exitCode, stdout, stderr } = await run(NODE, args, { cwd: app, env });
  if (exitCode !== 0) {
    const lastLines = `${stdout}\n${stderr}`.trim().split("\n").slice(-10).join("\n");
    throw new Error(`npm ci of OpenClaw ${OPENCLAW_VERSION} ended with code ${exitCode}:\n${lastLines}`);
  }
  for (const name of SOURCE_FILES) rmSync(join(app, name));
  const entries = readdirSync(join(app, "node_modules", "openclaw")).filter(
    (name) => name !== "node_modules",
  );
  for (const entry of entries) symlinkSync(join("node_modules", "openclaw", entry), join(app, entry));
}

/** npm's entry file: the npm that started us, else the one on PATH. It has to be run by the pinned Node. */
function npmCli(): string {
  const started = process.env.npm_execpath;
  if (started?.endsWith("npm-cli.js")) return started;
  const npm = findProgram("npm");
  if (!npm) throw new Error("npm was not found on PATH. It comes with Node.js: https://nodejs.org");
  return realpathSync(npm);
}

/** Node with the libraries it is linked to, a shell with the usual tools, users, certificates, /tmp and a home. */
async function addSystem(root: string): Promise<void> {
  const directory = (path: string, mode = 0o755) => {
    mkdirSync(join(root, path), { recursive: true });
    chmodSync(join(root, path), mode);
  };
  const link = (target: string, path: string) => symlinkSync(target, join(root, path));
  const text = (path: string, content: string) => writeFileSync(join(root, path), content, { mode: 0o644 });

  chmodSync(root, 0o755);
  for (const path of [
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "usr/lib64",
    "usr/local/bin",
    "etc/ssl/certs",
    "root",
  ]) {
    directory(path);
  }
  for (const path of ["bin", "sbin", "lib", "lib64"]) link(`usr/${path}`, path);
  // OpenClaw keeps temporary files below /tmp and ends with code 1 when it may not.
  directory("tmp", 0o1777);
  directory("home/node/.config");
  for (const path of ["home/node", "home/node/.config"]) own(join(root, path));

  text("etc/passwd", `root:x:0:0:root:/root:/bin/sh\nnode:x:${NODE_USER}:${NODE_USER}::/home/node:/bin/sh\n`);
  text("etc/group", `root:x:0:\nnode:x:${NODE_USER}:\n`);
  text("etc/nsswitch.conf", "hosts: files dns\n");
  text("etc/ssl/certs/ca-certificates.crt", `${rootCertificates.join("\n")}\n`);

  await addPrograms(root);
  link("/app/openclaw.mjs", "usr/local/bin/openclaw");
  // OpenClaw installs plugins of its own at start when certain keys are set (OPENROUTER_API_KEY is one) and goes on
  // without them. A local VPS reaches no registry: npm must say so at once, not after minutes of retries.
  link("/app/node_modules/npm/bin/npm-cli.js", "usr/local/bin/npm");
  directory("usr/local/etc");
  text("usr/local/etc/npmrc", "offline=true\n");
}

/** A user who is not root owns everything that he packs anyway. */
function own(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, NODE_USER, NODE_USER);
}

async function addPrograms(root: string): Promise<void> {
  const busybox = findProgram("busybox");
  if (!busybox) throw new Error("busybox was not found. Install it with: apt-get install busybox-static");
  copyFileSync(busybox, join(root, "usr/bin/busybox"));
  copyFileSync(NODE, join(root, "usr/local/bin/node"));
  for (const library of new Set([...(await libraries(NODE)), ...(await libraries(busybox))])) {
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  const { stdout } = await run(busybox, ["--list"]);
  for (const applet of stdout.split("\n").filter((name) => name && name !== "busybox")) {
    symlinkSync("busybox", join(root, "usr/bin", applet));
  }
}

/** Paths that ldd(1) names: `libc.so.6 => /lib/…/libc.so.6 (0x…)` and the loader; none for a static program. */
async function libraries(program: string): Promise<string[]> {
  const { stdout } = await run("ldd", [program]);
  return [...stdout.matchAll(/(?:=>|^)\s*(\/\S+) \(0x/gm)].map((match) => match[1] ?? "");
}

async function importImage(root: string, image: string, docker: Docker): Promise<void> {
  const changes = [
    "WORKDIR /app",
    "USER node",
    "ENV PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/node NODE_ENV=production",
    "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    'CMD ["node","dist/index.js","gateway"]',
  ].flatMap((change) => ["--change", change]);
  const tar = spawn("tar", ["--numeric-owner", "-C", root, "-c", "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const imported = spawn("docker", ["import", ...changes, "-", image], {
    env: docker.env,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const stderr: Buffer[] = [];
  imported.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const ended = Promise.all([once(tar, "close"), once(imported, "close")]);
  // When one side ends early the other's exit code says why.
  await pipeline(tar.stdout, imported.stdin).catch(() => {});
  const [[tarCode], [importCode]] = await ended;
  if (tarCode === 0 && importCode === 0) return;
  const reason = Buffer.concat(stderr).toString("utf8").trim();
  throw new Error(`docker import ended with code ${importCode}, tar with code ${tarCode}: ${reason}`);
}
