import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Path, mode, owner and content of everything below a directory. */
export function treeOf(directory: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    const stat = statSync(join(directory, path));
    const content = stat.isFile() ? readFileSync(join(directory, path), "latin1") : "";
    // Noise, and as much as the files of that moment asked for.
    if (path.endsWith("/reserve")) entries[path] = stat.mode.toString(8);
    else entries[path] = `${stat.mode.toString(8)} ${stat.uid} ${stat.gid} ${content}`;
  }
  return entries;
}
