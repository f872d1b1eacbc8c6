import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian puts sshd and dockerd here; the PATH of a normal user lacks them. */
const SYSTEM_DIRECTORIES = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** `PATH` with the system directories that it lacks added at its end. */
export function systemPath(path = process.env.PATH ?? ""): string {
  return [...new Set([...path.split(delimiter).filter(Boolean), ...SYSTEM_DIRECTORIES])].join(delimiter);
}

/** Absolute path of the first executable of that name on {@link systemPath}. */
export function findProgram(name: string): string | undefined {
  return systemPath()
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
