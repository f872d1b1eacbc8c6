import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Refusal, readText } from "./channel";

/** The OpenClaw versions that this program was tested with, both included. */
const TESTED = { from: "2026.9.6", to: "2026.9.6" };

/**
 * Refuses a version whose configuration, files and commands nobody has tried with this program.
 * @param allowed a version that the operator accepts
 */
export function checkVersion(entry: string, allowed: string): void {
  const version = versionOf(entry);
  if (version === allowed || (version && isTested(version))) return;
  const range = TESTED.from === TESTED.to ? TESTED.from : `${TESTED.from} to ${TESTED.to}`;
  throw new Refusal(
    "openclaw_version",
    `the image holds OpenClaw ${version ?? "of an unknown version"}`,
    range,
    `use an image of that version, or accept this one: pulumi config set --path openclaw.allowVersion ${version ?? "unknown"}`,
  );
}

/** From the package that the entry file belongs to. */
function versionOf(entry: string): string | undefined {
  try {
    const file = resolve(dirname(realpathSync(entry)), "..", "package.json");
    const { version } = JSON.parse(readText(file) ?? "{}") as { version?: unknown };
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined; // no such entry file, or no package around it
  }
}

/** Year, month and number in that order; a suffix such as `-beta.1` is none of the tested ones. */
function isTested(version: string): boolean {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return false;
  return compare(version, TESTED.from) >= 0 && compare(version, TESTED.to) <= 0;
}

function compare(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map(Number));
  const differs = a?.findIndex((part, index) => part !== b?.[index]) ?? -1;
  return differs < 0 ? 0 : (a?.[differs] ?? 0) - (b?.[differs] ?? 0);
}
