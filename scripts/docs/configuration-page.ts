import { configurationReference, type ReferenceEntry } from "../../infra/config/reference";

/** The text of `docs/configuration.md`. */
export function configurationPage(): string {
  const entries = configurationReference();
  const topics = entries.filter(({ path }) => isTopLevel(path));
  return [
    INTRODUCTION,
    accountSection(topics),
    ...topics.filter(hasKeys).map((topic) => section(topic, entries)),
  ]
    .join("\n\n")
    .concat("\n");
}

const INTRODUCTION = `# Configuration

<!-- Written by \`npm run docs\` from the validation itself (\`infra/config/\`). A test fails when the two differ. -->

Every key that the stack reads. They stand in \`Pulumi.<stack>.yaml\`; [Pulumi.prod.yaml.example](../Pulumi.prod.yaml.example)
is one to start from. A key that is not here is refused, as is a value that is not allowed: \`pulumi preview\` names all
problems at once, each with the command that fixes it.

<!-- run -->
\`\`\`sh
npx pulumi config set --path 'gateway.cacheTtl' 3600             # a value
npx pulumi config set --path 'hosts[0].name' vps1                # in a list, positions count from 0
npx pulumi config set --path --secret 'providers.openai.apiKey'  # a secret: it is asked for, and encrypted
npx pulumi config rm --path 'gateway.cacheTtl'                   # back to the default
\`\`\`

- \`[]\` stands for a position in a list, \`*\` for a name of your choice or a provider's slug.
- **Secret** keys are encrypted in the file, in the state and in every message. Set them with \`--secret\`, and with the
  prompt or a file, never as an argument.
- \`false\`, \`60\` and the like under "left out" are defaults; other words say what holds then. **Required** keys have no
  default. A key below one that is left out is not required.`;

function accountSection(topics: readonly ReferenceEntry[]): string {
  return `## The account\n\n${table(topics.filter((topic) => !hasKeys(topic)))}`;
}

function section(topic: ReferenceEntry, entries: readonly ReferenceEntry[]): string {
  const below = entries.filter(({ path }) => path !== topic.path && topOf(path) === topic.path);
  const unset = topic.unset === undefined || topic.unset === "as below" ? "" : ` Left out: ${topic.unset}.`;
  return `## ${topic.path}\n\n${topic.meaning}${unset}\n\n${table(withoutTwins(below))}`;
}

/** Keys that differ in their last name alone and say the same are one row, such as the categories of guardrails. */
function withoutTwins(entries: readonly ReferenceEntry[]): ReferenceEntry[] {
  const rows = new Map<string, ReferenceEntry>();
  for (const entry of entries) {
    const says = JSON.stringify({ ...entry, path: entry.path.replace(/[^.]+$/, "") });
    const twin = rows.get(says);
    rows.set(says, twin === undefined ? entry : { ...twin, path: `${twin.path}, ${entry.path}` });
  }
  return [...rows.values()];
}

function table(entries: readonly ReferenceEntry[]): string {
  const rows = entries.map((entry) => `| ${cells(entry).map(escapeCell).join(" | ")} |`);
  return [
    "| key | type | left out | meaning | allowed | example |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function cells({ path, type, unset, meaning, allowed, secret, example }: ReferenceEntry): string[] {
  return [
    shortened(path.split(", ")),
    secret ? `${type}, **secret**` : type,
    unset ?? "**required**",
    meaning,
    allowed,
    example === undefined ? "" : `\`${example.replace(/^'(.*)'$/, "$1")}\``,
  ];
}

/** Of several keys, the last part alone from the second on. */
function shortened(paths: readonly string[]): string {
  return paths.map((path, index) => `\`${index === 0 ? path : path.replace(/^.*\./, "")}\``).join(", ");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function hasKeys({ type, path }: ReferenceEntry): boolean {
  return isTopLevel(path) && /^(object|array)/.test(type);
}

function isTopLevel(path: string): boolean {
  return topOf(path) === path;
}

function topOf(path: string): string {
  return path.replace(/(\.|\[).*$/, "");
}
