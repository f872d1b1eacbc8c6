import { type CheckFailure, type Properties, UNKNOWN } from "./handler";

/** Reading of what the engine hands over. */

export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A failure for each of these properties that is no text. */
export function missingTexts(inputs: Properties, names: readonly string[]): CheckFailure[] {
  return names.flatMap((property) =>
    isText(inputs[property]) ? [] : [{ property, reason: "a text is needed" }],
  );
}

/** Whether some of it is only known when `up` runs. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(holdsUnknown);
}

/** The names of the properties whose values differ. */
export function differing(names: readonly string[], a: Properties, b: Properties): string[] {
  return names.filter((name) => a[name] !== b[name]);
}

/** `elements[2].outputs.success`, as Pulumi writes property paths. */
export function propertyPath(property: string, path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${part}`),
    property,
  );
}
