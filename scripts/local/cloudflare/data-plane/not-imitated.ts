import { isObject } from "../http/message";
import type { GatewayRecord } from "../store/records";

/** Settings that are stored and not acted upon, with what tells whether they ask for anything. */
const NOT_IMITATED: Readonly<Record<string, (value: unknown) => boolean>> = {
  dlp: (value) => isObject(value) && value.enabled === true,
  guardrails: (value) =>
    isObject(value) &&
    [value.prompt, value.response].some((part) => isObject(part) && isNotEmpty(Object.values(part))),
  log_classification: (value) => value === true,
  logpush: (value) => value === true,
  otel: isNotEmpty,
  spend_limits: (value) => isObject(value) && value.enabled !== false && isNotEmpty(value.rules),
  stripe: isObject,
  workers_ai_billing_mode: (value) => value === "unified",
  zdr: (value) => value === true,
};

/** Says once for each gateway and setting that the setting has no effect here. */
export class NotImitated {
  readonly #said = new Set<string>();
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  mention({ id, internalId, settings }: GatewayRecord): void {
    const names = Object.entries(NOT_IMITATED)
      .filter(([name, asks]) => asks(settings[name]) && !this.#said.has(`${internalId} ${name}`))
      .map(([name]) => name);
    if (names.length === 0) return;
    for (const name of names) this.#said.add(`${internalId} ${name}`);
    this.#log(`gateway ${id}: ${names.join(", ")}: stored, and without effect at the local Cloudflare`);
  }
}

function isNotEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
