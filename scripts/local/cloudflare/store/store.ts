import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type {
  GatewayRecord,
  RouteRecord,
  ScriptRecord,
  SecretsStoreRecord,
  State,
  TokenRecord,
} from "./records";

/** Earlier states that are kept for stale reads: more than a deployment writes while one of its objects is read back. */
const KEEP = 50;

export interface StoreOptions {
  /** Where the state is kept as well. */
  file?: string | undefined;
  /** Milliseconds since 1970. */
  clock?: () => number;
}

/** The objects of the account, in memory and, when asked for, in one file that is rewritten at every change. */
export class Store {
  readonly state: State;
  /** The account's time, in milliseconds since 1970: what ends a token or a window. */
  readonly time: () => number;
  readonly #file: string | undefined;
  /** As JSON, oldest first; the last one is the present. */
  readonly #history: string[] = [];

  /** @throws when the file is there and is not a state of this account. */
  constructor(empty: State, { file, clock = Date.now }: StoreOptions = {}) {
    this.time = clock;
    this.#file = file;
    this.state = (file === undefined ? undefined : load(file, empty)) ?? empty;
    this.save();
  }

  /** To be called after every change. Atomic: a reader sees the old file or the new one. */
  save(): void {
    this.#history.push(JSON.stringify(this.state));
    if (this.#history.length > KEEP) this.#history.shift();
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(fresh, `${JSON.stringify(this.state, null, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, this.#file);
  }

  /** The store as it was before each of the last writes, newest first. To be read only. */
  *past(): Generator<Store> {
    for (const state of this.#history.slice(0, -1).reverse()) {
      yield new Store(JSON.parse(state) as State, { clock: this.time });
    }
  }

  gateway(id: string): GatewayRecord | undefined {
    return this.state.gateways.find((gateway) => gateway.id === id);
  }

  route(gateway: GatewayRecord, id: string): RouteRecord | undefined {
    return gateway.routes.find((route) => route.id === id);
  }

  token(id: string): TokenRecord | undefined {
    return this.state.tokens.find((token) => token.id === id);
  }

  /** The token with this value, whatever its status. */
  tokenOfValue(value: string): TokenRecord | undefined {
    const hash = hashOf(value);
    const found = Object.entries(this.state.secrets.tokenHashes).find(([, known]) => known === hash);
    return found && this.token(found[0]);
  }

  script(name: string): ScriptRecord | undefined {
    return this.state.scripts.find((script) => script.name === name);
  }

  secretsStore(id: unknown): SecretsStoreRecord | undefined {
    return this.state.secretsStores.find((store) => store.id === id);
  }
}

export function emptyState(
  accountId: string,
  workersSubdomain: string | null,
  zones: readonly string[],
): State {
  return {
    accountId,
    workersSubdomain,
    gateways: [],
    tokens: [],
    scripts: [],
    zones: zones.map((name) => ({ id: hashOf(name).slice(0, 32), name })),
    customDomains: [],
    secretsStores: [],
    secrets: { tokenHashes: {}, bindings: {}, stored: {} },
  };
}

/** SHA-256 in hex. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}

/** An id as most of Cloudflare's objects have it: 32 hex digits. */
export function newId(): string {
  return randomBytes(16).toString("hex");
}

/** Now, in RFC 3339. */
export function now(): string {
  return new Date().toISOString();
}

/** Takes the matching items out of a list, in place. */
export function removeWhere<T>(list: T[], matches: (item: T) => boolean): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const item = list[index];
    if (item !== undefined && matches(item)) list.splice(index, 1);
  }
}

function load(file: string, empty: State): State | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const state = JSON.parse(text) as State;
  if (state.accountId !== empty.accountId) {
    throw new Error(
      `${file} holds account ${state.accountId}, not ${empty.accountId}. Remove it or name another file.`,
    );
  }
  const missing = Object.keys(empty).filter((key) => !(key in state));
  if (missing.length > 0) {
    throw new Error(`${file} was written by an older version (without ${missing.join(", ")}). Remove it.`);
  }
  return state;
}
