import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Machine } from "./machine";

/** Databases in which OpenClaw 2026.9.6 stores auth profiles, with the tables that it makes there. */
export class AuthDatabase {
  readonly #file: string;
  readonly #table: string;

  private constructor(file: string, table: string) {
    this.#file = file;
    this.#table = table;
    mkdirSync(dirname(file), { recursive: true });
  }

  /** The store of all agents. */
  static shared(machine: Machine): AuthDatabase {
    return new AuthDatabase(
      join(machine.project, "state/state/openclaw.sqlite"),
      "config_machine_state (state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL)",
    );
  }

  static ofAgent(machine: Machine, agent: string): AuthDatabase {
    return new AuthDatabase(
      join(machine.project, "state/agents", agent, "agent/openclaw-agent.sqlite"),
      "auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL)",
    );
  }

  get file(): string {
    return this.#file;
  }

  store(profiles: object): void {
    this.#with((database) => {
      database.exec(`CREATE TABLE IF NOT EXISTS ${this.#table} STRICT`);
      const row = database.prepare(
        `INSERT OR REPLACE INTO ${this.#table.split(" ")[0]} VALUES ('authProfiles.store', ?, 1)`,
      );
      row.run(JSON.stringify({ version: 1, profiles }));
    });
  }

  profiles(): unknown {
    return this.#with((database) => {
      const [column] = /\w+_json/.exec(this.#table) ?? [];
      const row = database.prepare(`SELECT ${column} AS store FROM ${this.#table.split(" ")[0]}`).get();
      return (JSON.parse(String(row?.store)) as { profiles: unknown }).profiles;
    });
  }

  refuseWrites(): void {
    const table = this.#table.split(" ")[0];
    this.#with((database) =>
      database.exec(`CREATE TRIGGER no BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, 'no'); END`),
    );
  }

  /** A deleted entry stays in the file for a while. */
  leaveBytes(text: string): void {
    writeFileSync(this.#file, text, { flag: "a" });
  }

  #with<T>(work: (database: InstanceType<ReturnType<typeof sqlite>["DatabaseSync"]>) => T): T {
    const database = new (sqlite().DatabaseSync)(this.#file);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }
}

function sqlite() {
  return process.getBuiltinModule("node:sqlite");
}
