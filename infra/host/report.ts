/** What the host program's `status` and `plan` print, read. */
export interface HostReport {
  /** False: there is nothing of ours. Undefined: the host did not say. */
  readonly managed: boolean | undefined;
  /** The host runs on its own files for a while. */
  readonly bypassed: boolean;
  /** What somebody else changed since the last apply; the next `up` puts it right. */
  readonly drift: readonly string[];
  /** What an apply would change, by name; of a `plan` alone. */
  readonly changes: readonly string[];
  /** Whether an apply interrupts the service, and how long; of a `plan` with changes alone. */
  readonly pause: string | undefined;
  /** Why an apply would be refused; each begins with its code. */
  readonly refusals: readonly string[];
  /** What else is worth knowing. */
  readonly notes: readonly string[];
}

/** What was found on a host, or why nothing was. */
export type HostLook = HostReport | { readonly unseen: string };

/** Reads the lines of a look. */
export function readReport(text: string): HostReport {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("  "));
  const behind = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const notes = lines.filter(
    (line) => !/^((not )?managed:|error |would )/.test(line) && !isAsApplied(line) && !DRIFT.test(line),
  );
  return {
    managed: isManaged(lines),
    bypassed: lines.some((line) => line.startsWith("bypassed:")),
    drift: lines.filter((line) => DRIFT.test(line)),
    changes: [...behind("would change "), ...behind("would lose ").map((lost) => `lost: ${lost}`)],
    pause: [...behind("would restart: "), ...behind("would not restart: ").map((why) => `none, ${why}`)][0],
    refusals: behind("error "),
    notes,
  };
}

const DRIFT = /^(env|override|compose files|openclaw\.json|environment) changed since/;

function isManaged(lines: readonly string[]): boolean | undefined {
  if (lines.some((line) => line.startsWith("not managed:"))) return false;
  return lines.some((line) => line.startsWith("managed:")) ? true : undefined;
}

/** `container true false 0 healthy`: running, not restarting, never restarted. */
function isAsApplied(line: string): boolean {
  return line.endsWith(" as applied") || /^container true false 0 (healthy|none)$/.test(line);
}

/** What a look found, for the operator, in a few short lines; none when nothing is to be said. */
export function linesOf(look: HostLook): string[] {
  if ("unseen" in look) return [`cannot be looked at: ${look.unseen}`];
  const { drift, changes, pause, refusals, notes } = look;
  return [
    ...notes.filter((note) => note.startsWith("bypassed:")),
    ...(drift.length > 0 ? [`changed by somebody else, and applied again: ${drift.join("; ")}`] : []),
    ...(changes.length > 0 ? [`would change ${changes.join("; ")}`] : []),
    ...(changes.length + refusals.length > 0 ? notes.filter((note) => note.startsWith(NOTE)) : []).map(
      (note) => note.slice(NOTE.length),
    ),
    ...(pause === undefined ? [] : [`pause: ${pause}`]),
    ...refusals.map((refusal) => `up will be refused: ${refusal}`),
  ];
}

/** What the program says of a change besides: what serves which model, a web search that loses its key. */
const NOTE = "note: ";
