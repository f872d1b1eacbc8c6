import type { SshServer } from "./host/connection";
import { fieldOf, hostCommand, NOT_FOR_LOOKS } from "./host/payload";
import type { HostInState } from "./stack-status";

/**
 * A shell script that puts the hosts of a stack back without its state: where they are, how they show that it is they,
 * and for each the host program with the input of its restore, the seal's pass phrase among it. A secret as a whole.
 *
 * @param madeAt when, as the reader is told
 */
export function recoveryKit(stack: string, hosts: readonly HostInState[], madeAt: Date): string {
  return [
    head(stack, hosts, madeAt),
    knownHosts(hosts),
    "input() {",
    '  case "$1" in',
    ...hosts.map(({ name, stdin }) => `${name})\ncat <<'END_OF_INPUT'\n${stdin.trimEnd()}\nEND_OF_INPUT\n;;`),
    `  *) echo "no host $1 in this kit" >&2; return 1 ;;`,
    "  esac",
    "}",
    BODY,
  ].join("\n");
}

function head(stack: string, hosts: readonly HostInState[], madeAt: Date): string {
  const rows = hosts.map(({ name, server, stdin }) => {
    const directory = fieldOf(stdin, "directory");
    return `${name}: ${server.user}@${server.address} port ${server.port}, ${directory}`;
  });
  return `#!/bin/sh
# Recovery kit of stack ${stack}, made ${madeAt.toISOString()}. It holds secrets.
#   list                             the hosts
#   restore HOST [ssh options]       puts the host's own files back, over SSH with the pinned host key
#   bypass | status HOST [ssh …]     its own files for a while; what is in place there
#   here restore HOST                the same as root on the machine itself, without SSH
set -eu
umask 077

list() {
cat <<'END_OF_LIST'
${rows.join("\n")}
END_OF_LIST
}

server() {
  case "$1" in
${hosts.map(({ name, server }) => `    ${name}) ${login(server)} ${jumpOf(server.jumpHost)} ;;`).join("\n")}
    *) echo "no host $1 in this kit; it has:" >&2; list >&2; return 1 ;;
  esac
}
`;
}

/** Names, addresses and users are of an alphabet that no shell reads anything into; the configuration checks it. */
function login({ address, port, user }: SshServer): string {
  return `TARGET=${user}@${address} PORT=${port}`;
}

function jumpOf(jump: SshServer | undefined): string {
  return jump === undefined ? "JUMP=" : `JUMP='-p ${jump.port} ${jump.user}@${jump.address}'`;
}

function knownHosts(hosts: readonly HostInState[]): string {
  const servers = hosts.flatMap(({ server }) => [server, ...(server.jumpHost ? [server.jumpHost] : [])]);
  const lines = servers.map(
    ({ address, port, hostKey }) => `${port === 22 ? address : `[${address}]:${port}`} ${hostKey}`,
  );
  return `known_hosts() {
cat <<'END_OF_KEYS'
${[...new Set(lines)].join("\n")}
END_OF_KEYS
}
`;
}

/** The command text is the same for every verb but for its last word. */
const COMMAND = hostCommand("restore").replace(/restore$/, "");

const BODY = `
# A look needs no secret.
sent() {
  case "$1" in status) sed ${NOT_FOR_LOOKS.map((name) => `-e '/^${name} /d'`).join(" ")} ;; *) cat ;; esac
}

on_host() {
  verb="$1" name="$2"
  shift 2
  server "$name"
  keys="$(mktemp)"
  trap 'rm -f "$keys"' EXIT
  known_hosts >"$keys"
  pinned="-o UserKnownHostsFile=$keys -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes"
  [ -z "$JUMP" ] || set -- -o "ProxyCommand=ssh $pinned -W '[%h]:%p' $JUMP" "$@"
  input "$name" | sent "$verb" | ssh $pinned -p "$PORT" "$@" "$TARGET" '${COMMAND.replaceAll("'", `'\\''`)}'"$verb"
}

here() { input "$2" | sent "$1" | sh -c ${COMMAND.replace(/^exec sh -c /, "")}"$1"; }

case "\${1-}" in
  list) list ;;
  restore | bypass | status) on_host "$@" ;;
  here) here "$2" "$3" ;;
  *) echo "list, restore HOST, bypass HOST, status HOST, here restore HOST" >&2; exit 2 ;;
esac
`;
