/** JSON values and the three operations on them that the host step needs: compare, merge patch, difference. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal as JSON: the order of object keys does not count. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => key in left && key in right && sameJson(left[key], right[key]));
  }
  return left === right;
}

export function getPath(root: Json | undefined, path: readonly string[]): Json | undefined {
  let value = root;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Sets a value; whatever stands in the way and is no object gives way to one. */
export function setPath(root: JsonObject, path: readonly string[], value: Json): void {
  let object = root;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(object, key) ? object[key] : undefined;
    const child: JsonObject = isObject(next) ? next : {};
    define(object, key, child);
    object = child;
  }
  const last = path.at(-1);
  if (last !== undefined) define(object, last, value);
}

/** Deletes a property; the way to it may lead through lists, by index. */
export function deletePath(root: JsonObject, path: readonly string[]): void {
  const parent = path.slice(0, -1).reduce<Json | undefined>(childOf, root);
  const last = path.at(-1);
  if (isObject(parent) && last !== undefined) delete parent[last];
}

function childOf(value: Json | undefined, key: string): Json | undefined {
  return Array.isArray(value) ? value[Number(key)] : getPath(value, [key]);
}

/** JSON merge patch (RFC 7396): objects merge, `null` deletes, all else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? structuredClone(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else define(merged, key, mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value));
  }
  return merged;
}

/** A key such as `__proto__` comes from a file that others write; a plain assignment would change the prototype. */
function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
