import { type AddressInfo, connect } from "node:net";
import { type Connection, Server, type ServerChannel, utils } from "ssh2";

/** One run of the host program, as it was asked for. */
export interface HostCall {
  readonly host: string;
  readonly verb: string;
  /** The payload, decoded. */
  readonly fields: Readonly<Record<string, string>>;
  /** All of it, with the program, as it was sent. */
  readonly stdin: string;
}

/** What a host does in place of the program. */
export type HostScript = (call: HostCall) => Promise<HostAnswer>;

export interface HostAnswer {
  readonly code: number | null;
  readonly output: string;
}

/**
 * An SSH server that is asked to run the host program and only notes that: for tests of when and where it runs. It is a
 * jump host as well.
 */
export interface ScriptedHost {
  readonly name: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** Connections so far, those that only looked at the host's key included. */
  connections(): number;
  close(): Promise<void>;
}

export async function startScriptedHost(name: string, script: HostScript): Promise<ScriptedHost> {
  const pair = ed25519Pair();
  const open = new Set<Connection>();
  let connections = 0;
  const server = new Server({ hostKeys: [pair.private] }, (client) => {
    connections += 1;
    open.add(client);
    client.on("close", () => open.delete(client)).on("error", () => {});
    client.on("authentication", (context) => context.accept());
    client.on("tcpip", (accept, _reject, { destIP, destPort }) => {
      const [channel, target] = [accept(), connect(destPort, destIP)];
      channel.on("error", () => target.destroy()).pipe(target);
      target.on("error", () => channel.destroy()).pipe(channel);
    });
    client.on("session", (accept) =>
      accept().on("exec", (acceptExec, _reject, { command }) => {
        void answer(acceptExec(), name, command, script);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    name,
    port: (server.address() as AddressInfo).port,
    hostKey: pair.public.split(" ").slice(0, 2).join(" "),
    connections: () => connections,
    close: async () => {
      for (const client of open) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A key pair that ssh2 itself can read; about one in 256 of those that it makes is not (its issue 1390). */
export function ed25519Pair(): ReturnType<typeof utils.generateKeyPairSync> {
  const pair = utils.generateKeyPairSync("ed25519");
  const readable = [pair.public, pair.private].every((key) => !(utils.parseKey(key) instanceof Error));
  return readable ? pair : ed25519Pair();
}

async function answer(
  channel: ServerChannel,
  host: string,
  command: string,
  script: HostScript,
): Promise<void> {
  let stdin = "";
  for await (const chunk of channel) stdin += String(chunk);
  const verb = command.split(" ").at(-1) ?? "";
  const { code, output } = await script({ host, verb, fields: fieldsOf(stdin), stdin });
  channel.write(output);
  channel.exit(code ?? 128);
  channel.end();
}

/** The first line is the program, the last one says `end`. */
function fieldsOf(stdin: string): Record<string, string> {
  const lines = stdin.trimEnd().split("\n").slice(1, -1);
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", value = ""] = line.split(" ");
      return [name, Buffer.from(value, "base64").toString()];
    }),
  );
}
