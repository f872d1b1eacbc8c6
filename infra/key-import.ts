import { randomBytes } from "node:crypto";
import type { HostInput } from "./config/schema";
import { builtInId } from "./host/openclaw-config";
import { hostStdin } from "./host/payload";
import { hostProgram } from "./host/program";
import { unseal } from "./host/sealed";
import { LLM_PROVIDERS, llmProvider, looksLikeKeyOf, otherKeyNames } from "./llm-providers";

/** A provider key as it was found on a host. */
export interface HostKey {
  readonly host: string;
  readonly slug: string;
  /** A secret. */
  readonly value: string;
  /** `.env (ANTHROPIC_API_KEY)`, `auth profile anthropic:manual (…/openclaw.sqlite)` */
  readonly place: string;
}

/** What one host said. */
export interface HostKeys {
  readonly keys: readonly HostKey[];
  /** For the operator; no secret in them. */
  readonly notes: readonly string[];
}

/** The input of the host program's `export_keys`, and the pass phrase that opens its answer: one for this run alone. */
export function keysRequest(stack: string, host: HostInput): { stdin: string; passPhrase: string } {
  const passPhrase = randomBytes(32).toString("hex");
  const stdin = hostStdin(hostProgram(), {
    stack,
    host: host.name,
    directory: host.directory,
    service: host.service,
    entry: host.entry,
    "compose-files": (host.composeFiles ?? []).join(":"),
    seal: passPhrase,
    names: "",
    "other-names": otherKeyNames(LLM_PROVIDERS).join(" "),
    patterns: "",
    vendors: JSON.stringify(
      LLM_PROVIDERS.filter(({ runTokenKey }) => runTokenKey !== true).map((provider) => ({
        slug: provider.slug,
        id: builtInId(provider),
        names: provider.keyEnvNames,
        pattern: provider.keyPattern?.source,
      })),
    ),
  });
  return { stdin, passPhrase };
}

/** Reads what the host program's `export_keys` printed. What cannot be a key of its provider is left out, with a note. */
export function readHostKeys(host: string, output: string, passPhrase: string): HostKeys {
  const lines = output.split("\n").filter((line) => line !== "");
  const sealed = lines.flatMap((line) => (line.startsWith("sealed ") ? [line.slice("sealed ".length)] : []));
  const notes = lines.filter((line) => !line.startsWith("sealed "));
  const text = sealed.length === 0 ? "" : unseal(Buffer.from(sealed.join(""), "base64"), passPhrase);
  const keys: HostKey[] = [];
  for (const line of text.split("\n").filter(Boolean)) {
    const found = JSON.parse(Buffer.from(line, "base64").toString()) as Omit<HostKey, "host">;
    const provider = llmProvider(found.slug);
    if (provider !== undefined && looksLikeKeyOf(provider, found.value)) keys.push({ host, ...found });
    else notes.push(`what ${found.place} holds is no key of ${provider?.name ?? found.slug}`);
  }
  return { keys, notes };
}

/** What becomes of one provider's keys. */
export type Import =
  | { readonly slug: string; readonly action: "take"; readonly from: readonly HostKey[] }
  /** `reason` says why the stack's own entry stays. */
  | {
      readonly slug: string;
      readonly action: "keep";
      readonly from: readonly HostKey[];
      readonly reason: string;
    }
  /** Different keys; none can be preferred. */
  | { readonly slug: string; readonly action: "refuse"; readonly from: readonly HostKey[] };

/**
 * Decides for each provider of which a key was found.
 *
 * @param providers the stack's configuration of providers, secrets in clear
 * @param replace whether a key that the stack has gives way
 */
export function planImport(
  found: readonly HostKey[],
  providers: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  replace: boolean,
): Import[] {
  const slugs = [...new Set(found.map(({ slug }) => slug))].sort();
  return slugs.map((slug): Import => {
    const from = found.filter((key) => key.slug === slug);
    const entry = providers[slug] ?? {};
    const values = new Set(from.map(({ value }) => value));
    if (typeof entry.apiKey === "string" && values.size === 1 && values.has(entry.apiKey))
      return { slug, action: "keep", from, reason: "the stack has this very key" };
    if (entry.byokAlias !== undefined || entry.unifiedBilling === true)
      return { slug, action: "keep", from, reason: "the stack needs no key of it" };
    if (entry.apiKey !== undefined && !replace)
      return { slug, action: "keep", from, reason: "the stack has another key; --replace takes this one" };
    return { slug, action: values.size === 1 ? "take" : "refuse", from };
  });
}

/** What became of one provider's keys, for machines. No secret in it. */
export interface ImportReport {
  readonly slug: string;
  readonly outcome: "set" | "left" | "refused";
  /** Why the stack's own entry was left. */
  readonly reason?: string;
  /** What was found; `key` is its end. */
  readonly found: readonly { readonly host: string; readonly place: string; readonly key: string }[];
}

const OUTCOMES = { take: "set", keep: "left", refuse: "refused" } as const;

export function importReport(one: Import): ImportReport {
  return {
    slug: one.slug,
    outcome: OUTCOMES[one.action],
    ...(one.action === "keep" ? { reason: one.reason } : {}),
    found: one.from.map(({ host, place, value }) => ({ host, place, key: masked(value) })),
  };
}

/** The end of a key, by which its owner knows it. */
export function masked(key: string): string {
  return `…${key.slice(-4)}`;
}
