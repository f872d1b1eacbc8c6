import { readFileSync } from "node:fs";
import { join } from "node:path";

/** With the Worker, and for hosts that call the gateway themselves. */
const TEMPLATES = { worker: "Pulumi.README.md", direct: "Pulumi.README.direct.md" } as const;

/** What the stack's README tells. */
export interface ReadmeFacts {
  readonly stack: string;
  readonly accountId: string;
  /** Undefined with `access: direct`. */
  readonly workerUrl?: string;
  readonly workerName: string;
  /** Of the run token, unless it is the operator's. */
  readonly tokenName: string;
  readonly gatewayId: string;
  readonly gatewayUrl: string;
  /** `dynamic/<name>` of the default route. */
  readonly routeModel: string;
  /** The same of every route. */
  readonly routeModels: readonly string[];
  /** Whether the operator brought a run token. */
  readonly ownRunToken: boolean;
  /** Names, as people know them. */
  readonly providers: readonly string[];
  readonly hosts: readonly { readonly name: string; readonly address: string; readonly directory: string }[];
}

/**
 * The README of the stack, with its own values. Filled in here and not by Pulumi Cloud, which knows `${outputs.x}`: so
 * it reads the same on every backend, by `pulumi stack output readme`.
 */
export function renderReadme(facts: ReadmeFacts, template = templateFor(facts)): string {
  const values: Readonly<Record<string, string>> = {
    ...facts,
    workerUrl: facts.workerUrl ?? "",
    routeModels: code(facts.routeModels),
    runToken: facts.ownRunToken ? "your own" : `\`${facts.tokenName}\``,
    providers: facts.providers.join(", ") || "none",
    hosts: hostTable(facts.hosts),
    ownRunToken: "",
  };
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Pulumi.README.md has \${${name}}, of which nothing is known.`);
    return value;
  });
}

function templateFor({ workerUrl }: ReadmeFacts): string {
  const name = workerUrl === undefined ? TEMPLATES.direct : TEMPLATES.worker;
  return readFileSync(join(__dirname, "..", name), "utf8");
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function hostTable(hosts: ReadmeFacts["hosts"]): string {
  if (hosts.length === 0) return "No host is set up.";
  const rows = hosts.map(({ name, address, directory }) => `| ${name} | ${address} | \`${directory}\` |`);
  return ["| host | address | directory |", "| --- | --- | --- |", ...rows].join("\n");
}
