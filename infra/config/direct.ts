import { formatPath } from "./problems";
import type { Reader } from "./reader";
import type { HostInput, OpenClawInput } from "./schema";

/** The rules of `access: direct`: hosts that call the gateway themselves and keep their own provider keys. */

/** What there is only with the Worker, and what could be taken for working without it. */
export function refuseInDirect(
  reader: Reader,
  openclaw: OpenClawInput | undefined,
  hosts: readonly HostInput[],
): void {
  if (openclaw?.env === "legacy") {
    reader.add(["openclaw", "env"], "legacy", "access is direct, and these variables lead to the Worker");
  }
  hosts.forEach(({ state }, index) => {
    if (state !== "revoked") return;
    reader.add(
      ["hosts", index, "state"],
      state,
      "access is direct, and all hosts have the same token",
      `pulumi config set --path 'hosts[${index}].state' forgotten; then pulumi config set --path runToken.rotation ` +
        "<a new text>, which gives the other hosts a new token and ends the old one",
    );
  });
}

/** Settings that are there and that `direct` makes no use of; `access: worker` would again. */
export function unusedInDirect(values: Readonly<Record<string, unknown>>): string[] {
  const { worker, providers, hosts } = values;
  const paths: (string | number)[][] = [
    // The run token is named after it.
    ...keysOf(worker)
      .filter((key) => key !== "name")
      .map((key) => ["worker", key]),
    ...keysOf(providers)
      .filter((slug) => keysOf(entryOf(providers, slug)).includes("apiKey"))
      .filter((slug) => !["gateway", "both"].includes(String(entryOf(entryOf(providers, slug), "keyStore"))))
      .map((slug) => ["providers", slug, "apiKey"]),
    ...(Array.isArray(hosts) ? hosts : []).flatMap((host, index) =>
      ["tokenGenerations", "allowKeys"]
        .filter((key) => keysOf(host).includes(key))
        .map((key) => ["hosts", index, key]),
    ),
  ];
  return paths.map(formatPath);
}

function keysOf(value: unknown): string[] {
  return value !== null && typeof value === "object" ? Object.keys(value) : [];
}

function entryOf(value: unknown, key: string): unknown {
  return keysOf(value).includes(key) ? (value as Record<string, unknown>)[key] : undefined;
}
