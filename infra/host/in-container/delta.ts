import { deletePath, getPath, isObject, type Json, type JsonObject, sameJson, setPath } from "./json";

/** One place that differs between the operator's file and ours; a side that lacks the place has no such field. */
export interface Change {
  readonly path: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
}

/** What was done to the operator's `openclaw.json`: enough to take it out again from a file edited since. */
export interface Delta {
  readonly changes: readonly Change[];
  /** Objects that did not exist before; removed again when nothing is left in them. */
  readonly created: readonly (readonly string[])[];
}

export const NO_CHANGE: Delta = { changes: [], created: [] };

/** `${AI_GATEWAY_WORKER_URL}` and `${AI_GATEWAY_AUTH_TOKEN}`: a value with one of them cannot outlive them. */
const OURS = /\$\{AI_GATEWAY_(WORKER_URL|AUTH_TOKEN)\}/;
/** The operator may have such a variable himself, so this goes for values in which we had it alone. */
const RUN_TOKEN = /\$\{CLOUDFLARE_AIG_TOKEN\}/;

/**
 * The difference as single values, so that an edit beside one of ours is told apart from an edit of ours. A provider
 * entry that the operator did not have is one value: a part of it alone would be no valid entry.
 */
export function difference(before: JsonObject, after: JsonObject): Delta {
  const changes: Change[] = [];
  const created: string[][] = [];
  const visit = (path: string[], old: Json | undefined, now: Json | undefined): void => {
    if (sameJson(old, now)) return;
    const ownProvider =
      old === undefined && path.length === 3 && path[0] === "models" && path[1] === "providers";
    if (isObject(now) && !ownProvider && (isObject(old) || old === undefined)) {
      if (old === undefined) created.push(path);
      const keys = new Set([...Object.keys(old ?? {}), ...Object.keys(now)]);
      for (const key of keys) visit([...path, key], getPath(old ?? {}, [key]), getPath(now, [key]));
      return;
    }
    changes.push({
      path,
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    });
  };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    visit([key], getPath(before, [key]), getPath(after, [key]));
  }
  return { changes, created };
}

/**
 * The operator's file without us: each place that still is as we left it gets its old value back, and so does one that
 * refers to our variables. A place that was edited since keeps the edit. `meta` is OpenClaw's own bookkeeping, which
 * it rewrites at will, and always goes back.
 */
export function revert(current: JsonObject, delta: Delta): JsonObject {
  const reverted = structuredClone(current);
  for (const { path, before, after } of delta.changes) {
    const value = getPath(reverted, path);
    const untouched = sameJson(value, after);
    const needsUs = refersTo(OURS, value) || (refersTo(RUN_TOKEN, value) && refersTo(RUN_TOKEN, after));
    if (!untouched && !needsUs && path[0] !== "meta") continue;
    if (before === undefined) deletePath(reverted, path);
    else setPath(reverted, path, before);
  }
  const deepestFirst = [...delta.created].sort((a, b) => b.length - a.length);
  for (const path of deepestFirst) {
    const value = getPath(reverted, path);
    if (isObject(value) && (Object.keys(value).length === 0 || path[0] === "meta"))
      deletePath(reverted, path);
  }
  return reverted;
}

function refersTo(variable: RegExp, value: Json | undefined): boolean {
  return value !== undefined && variable.test(JSON.stringify(value));
}

/** Equal but for OpenClaw's own bookkeeping. */
export function sameConfig(left: JsonObject, right: JsonObject): boolean {
  const { meta: _left, ...a } = left;
  const { meta: _right, ...b } = right;
  return sameJson(a, b);
}

/** The places that differ, by name: `+` is new, `-` is gone, `~` has another value. */
export function changedPaths(before: JsonObject, after: JsonObject): string[] {
  return difference(before, after).changes.map((change) => {
    const sign = change.before === undefined ? "+" : change.after === undefined ? "-" : "~";
    return `${sign}${change.path.join(".")}`;
  });
}

/** How many places are named. */
const SHOWN = 5;

/** As much as fits on a line. */
export function inShort(paths: readonly string[]): string {
  const more = paths.length - SHOWN;
  return paths.slice(0, SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
