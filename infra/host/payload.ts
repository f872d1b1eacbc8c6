import { gzipSync, strToU8 } from "fflate";

/** What the host program is told. Everything is text; a field that is left out has the program's own default. */
export interface HostPayload {
  readonly stack: string;
  readonly host: string;
  readonly directory: string;
  readonly service: string;
  /** OpenClaw's entry file in the image. */
  readonly entry: string;
  /** Pass phrase of the sealed originals. A look is sent neither this nor the token. */
  readonly seal?: string;
  /** Environment names under which a provider key can stand, separated by blanks. */
  readonly names: string;
  /** Names under which keys of other providers stand, which are left alone. */
  readonly "other-names"?: string;
  /** OpenClaw's own ids of the stack's providers, separated by blanks: whose stored auth profiles are looked for. */
  readonly "auth-providers"?: string;
  /** Shapes of provider keys: JSON list of regular expression sources. */
  readonly patterns: string;
  /** `direct`: the host calls the gateway itself and keeps its provider keys. Left out: it calls the Worker. */
  readonly access?: "direct";
  readonly "worker-url"?: string;
  /** With `direct`: address of the gateway. */
  readonly "gateway-url"?: string;
  /** The host token; with `direct` the run token. */
  readonly token?: string;
  /** Which of the host's tokens it is. */
  readonly generation?: string;
  /** Counts up each time the host was found changed by somebody else. */
  readonly epoch?: string;
  /** JSON merge patch for `openclaw.json`. */
  readonly patch?: string;
  /** Model that has to answer before a change counts as done; none: no such check. */
  readonly model?: string;
  /** JSON object: OpenClaw's provider ids that the stack serves under another id. */
  readonly "provider-ids"?: string;
  /** Pairs `NAME url|token`, by blanks: further variables for the services that share OpenClaw's configuration. */
  readonly variables?: string;
  /** JSON list: places where a provider key may stay. */
  readonly "allow-keys"?: string;
  /** JSON list: models that may be left without an answer. */
  readonly "accept-unserved"?: string;
  /** An OpenClaw version outside the tested range that is accepted. */
  readonly "allow-version"?: string;
  /** `HH:MM-HH:MM`, in the host's own time: a change stops the service only then. */
  readonly window?: string;
  /** JSON list of `{slug, id, names, pattern}`: whose keys are looked for by `export_keys`. */
  readonly vendors?: string;
  /** Lines `key pattern names id`, by tabs: keys that take the place of the host's own when these are put back. */
  readonly "restore-keys"?: string;
  /** The project's own compose files, separated by `:`; left out: as `.env` or Compose's rules have it. */
  readonly "compose-files"?: string;
  readonly drain?: string;
  readonly "worker-wait"?: string;
  readonly "ready-wait"?: string;
}

/** What the host program can be asked to do. */
export type HostVerb =
  | "preflight"
  | "apply"
  | "restore"
  | "bypass"
  | "bypass_end"
  // These only look.
  | "status"
  | "plan"
  | "keys"
  | "ready"
  | "turn"
  | "export_keys";

/**
 * What the shell on the host is given; `x` and the verb are its arguments. Fails when the program does not arrive whole
 * (`gzip` has a checksum), and where `base64` or `gzip` is missing: an empty text in their place would be a success.
 */
export const HOST_SCRIPT =
  'IFS= read -r s && p="$(printf %s "$s" | base64 -d | gzip -dc)" || ' +
  '{ echo "error program_incomplete: the program did not arrive, or base64 or gzip is missing; nothing was done" >&2; exit 72; }; eval "$p"';

/**
 * The constant command text. The program and its data are on stdin, because a command line can be read by every user of
 * the host while it runs, and is printed in full when the command fails. The first line of stdin is the program.
 */
export function hostCommand(verb: HostVerb): string {
  return `exec sh -c '${HOST_SCRIPT}' x ${verb}`;
}

/**
 * What goes to the stdin of {@link hostCommand}: the program, packed and in base64, a line `name base64` for each field,
 * sorted by name, and `end`. Without `end` the program does nothing, so an input that was cut off is harmless.
 *
 * Packed, because the state has this text four times for each host, and the engine writes the whole state after every
 * step: with twenty hosts that took most of the time (`npm run bench:fleet`).
 */
export function hostStdin(program: string, payload: HostPayload): string {
  const fields = Object.entries(payload)
    .filter((field): field is [string, string] => typeof field[1] === "string" && field[1] !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} ${base64(value)}`);
  return [packed(program), ...fields, "end", ""].join("\n");
}

let last: { program: string; packed: string } | undefined;

/** Not with Node's own zlib: its bytes differ from version to version, and each difference would update every host. */
function packed(program: string): string {
  if (last?.program !== program) {
    const bytes = gzipSync(strToU8(program), { level: 9, mem: 12, mtime: 0 });
    last = { program, packed: Buffer.from(bytes).toString("base64") };
  }
  return last.packed;
}

/** That input with one field more, or with another value of it. */
export function withField(stdin: string, name: keyof HostPayload, value: string): string {
  const [program = "", ...lines] = stdin.split("\n");
  return [program, `${name} ${base64(value)}`, ...lines.filter((line) => !line.startsWith(`${name} `))].join(
    "\n",
  );
}

/** What only an apply, a restore or a bypass needs to be told. The program leaves the same fields out of `public`. */
export const NOT_FOR_LOOKS: readonly (keyof HostPayload)[] = ["seal", "token", "epoch", "restore-keys"];

/** That input for a look (`status`, `plan`), which is sent no secret. */
export function lookStdin(stdin: string): string {
  const [program = "", ...lines] = stdin.split("\n");
  const shown = lines.filter((line) => !NOT_FOR_LOOKS.some((name) => line.startsWith(`${name} `)));
  return [program, ...shown].join("\n");
}

/** A field of that input; empty when it is not there. */
export function fieldOf(stdin: string, name: keyof HostPayload): string {
  const line = stdin.split("\n").find((one) => one.startsWith(`${name} `)) ?? "";
  return Buffer.from(line.slice(name.length + 1), "base64").toString();
}

/** That input for another program. */
export function withProgram(stdin: string, program: string): string {
  const [, ...lines] = stdin.split("\n");
  return [packed(program), ...lines].join("\n");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
