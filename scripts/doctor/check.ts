/** Something that is not as it should be, and what puts it right. */
export interface Problem {
  readonly says: string;
  /** A command, or a sentence where no single one does. */
  readonly fix: string;
}

/** What a check found. */
export type Finding =
  | { readonly outcome: "ok"; readonly says?: string }
  | { readonly outcome: "failed"; readonly problems: readonly Problem[] }
  | { readonly outcome: "skipped"; readonly says: string };

/** One thing that doctor looks at. */
export interface Check {
  /** Stable, for machines: `worker-ready`, `provider:openai`, `host:vps1:keys`. */
  readonly id: string;
  readonly title: string;
  /** Ids of earlier checks without which this one would only repeat what they found. */
  readonly needs?: readonly string[];
  /** What it costs, about, in US dollars, because a real model is asked. */
  readonly usd?: number;
  /** A rejection is a problem too. */
  readonly run: () => Promise<Finding>;
}

/** A finding with the check that it is of, and the time that it took. */
export type Result = Finding & { readonly id: string; readonly title: string; readonly seconds: number };

export function ok(says?: string): Finding {
  return says === undefined ? { outcome: "ok" } : { outcome: "ok", says };
}

export function failed(says: string, fix: string): Finding {
  return { outcome: "failed", problems: [{ says, fix }] };
}

export function skipped(says: string): Finding {
  return { outcome: "skipped", says };
}
