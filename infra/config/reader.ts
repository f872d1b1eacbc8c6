import type { z } from "zod";
import { isKey, keysBelow } from "./fields";
import { type ConfigProblem, removeCommand } from "./problems";

type Path = readonly (string | number)[];

/** Reads keys and keeps what is wrong with them. */
export class Reader {
  readonly problems: ConfigProblem[] = [];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** The value of a top-level key; what is not set is left to the schema's own defaults. */
  read<T extends z.ZodType>(key: string, type: T): z.output<T> | undefined {
    const value = this.#values[key];
    return this.check([key], type, value === undefined ? EMPTY[key] : value);
  }

  check<T extends z.ZodType>(path: Path, type: T, value: unknown): z.output<T> | undefined {
    const result = type.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) this.problems.push(...problemsOf(issue, path, value));
    return undefined;
  }

  add(path: Path, found: unknown, reason: string, fix?: string): void {
    this.problems.push({ path, found, reason, ...(fix === undefined ? {} : { fix }) });
  }

  refuseUnknownKeys(): void {
    for (const key of Object.keys(this.#values)) {
      if (!isKey(key)) this.add([key], this.#values[key], noSuchKey([]), removeCommand([key]));
    }
  }
}

/** What a key that is not set is read as. */
const EMPTY: Readonly<Record<string, unknown>> = {
  gateway: {},
  runToken: {},
  preflight: {},
  restore: {},
  worker: {},
  providers: {},
  routes: {},
  openclaw: {},
  hosts: [],
};

function problemsOf(issue: z.core.$ZodIssue, base: Path, value: unknown): ConfigProblem[] {
  const inner = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  const path = [...base, ...inner];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      found: valueAt(value, [...inner, key]),
      reason: noSuchKey(path),
      fix: removeCommand([...path, key]),
    }));
  }
  const found = valueAt(value, inner);
  if (issue.code !== "custom") return [{ path, found }];
  // Where no other value would do.
  const fix = issue.params?.remove === true ? { fix: removeCommand(path) } : {};
  return [{ path, found, reason: issue.message, ...fix }];
}

function noSuchKey(parent: Path): string {
  return `there is no such key; there are ${keysBelow(parent).join(", ")}`;
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (inner === null || typeof inner !== "object") return undefined;
    return (inner as Record<string | number, unknown>)[part];
  }, value);
}
