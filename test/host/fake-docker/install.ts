import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

/** Files beside the stand-in that change what it does. */
export type Switch =
  | "compose-version"
  /** What `docker compose logs` prints. */
  | "log"
  | "daemon-down"
  /** The daemon is down from the call on that has this in it. */
  | "daemon-dies"
  | "docker-needs-root"
  | "no-image"
  /** The first call that has this in it hangs: Compose, and `docker` waits for it. */
  | "hang"
  /** There is one process alone that hangs. */
  | "hang-alone"
  /** Seconds that a call takes longer, and on the next line what it has in it. */
  | "slow";

let bundles: { compose: string; openclaw: string } | undefined;

/** Puts the stand-ins for Docker and OpenClaw into a directory, with `bin` for its PATH. */
export function installDocker(machine: string): void {
  bundles ??= { compose: bundle("compose.ts"), openclaw: bundle("openclaw.ts") };
  for (const name of ["bin", "containers", "image/dist", "image/node_modules"])
    mkdirSync(join(machine, name), { recursive: true });
  writeFileSync(join(machine, "compose.cjs"), bundles.compose);
  writeFileSync(join(machine, "image/dist/index.js"), bundles.openclaw);
  addProgram(machine, "docker", readFileSync(join(__dirname, "docker.sh"), "utf8"));
  addProgram(machine, "step.sh", readFileSync(join(__dirname, "step.sh"), "utf8"));
  addProgram(machine, "node", `#!/bin/sh\nexec '@NODE@' "$@"\n`);
  for (const name of ["mv", "rm"]) {
    addProgram(
      machine,
      name,
      `#!/bin/sh
[ -f '@MACHINE@/counts' ] || exec /bin/${name} "$@"
. '@MACHINE@/bin/step.sh'
step "${name} $*"
/bin/${name} "$@"
status=$?
step "done ${name}"
exit $status
`,
    );
  }
}

/** A program of that machine; `@MACHINE@` and `@NODE@` in it are filled in. */
export function addProgram(machine: string, name: string, text: string): void {
  const filled = text.replaceAll("@MACHINE@", machine).replaceAll("@NODE@", process.execPath);
  writeFileSync(join(machine, "bin", name), filled, { mode: 0o755 });
}

function bundle(name: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, name)],
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
