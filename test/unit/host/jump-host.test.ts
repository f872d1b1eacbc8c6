import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { Server, utils } from "ssh2";
import { lookAtHost, runOnHost } from "../../../infra/host/jump-host";

const TIMEOUT_MS = 10_000;

/** A pair that ssh2 itself can read; about one in 256 of those that it makes is not (its issue 1390). */
function pair(): ReturnType<typeof utils.generateKeyPairSync> {
  const made = utils.generateKeyPairSync("ed25519");
  return utils.parseKey(made.public) instanceof Error || utils.parseKey(made.private) instanceof Error
    ? pair()
    : made;
}

const target = pair();
const jump = pair();
const other = pair();
const client = pair();

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

interface Listening {
  readonly port: number;
  readonly logins: () => number;
}

/**
 * An SSH server that forwards connections of whoever has the client's key.
 *
 * @param swallows it is never heard whether a connection was made, as where a firewall drops what goes on from there
 */
async function listen(hostKey: string, swallows = false): Promise<Listening> {
  let logins = 0;
  const server = new Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on("error", () => {});
    connection.on("authentication", (context) => {
      if (context.method === "publickey") context.accept();
      else context.reject(["publickey"]);
    });
    connection.on("ready", () => {
      logins += 1;
    });
    connection.on("session", (accept) =>
      accept().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        if (command === "hang") return;
        let stdin = "";
        channel.on("data", (chunk: Buffer) => {
          stdin += chunk.toString();
        });
        channel.on("end", () => {
          channel.write(`${command} read ${stdin}`);
          channel.exit(3);
          channel.end();
        });
      }),
    );
    connection.on("tcpip", (accept, _reject, { destIP, destPort }) => {
      if (swallows) return;
      const [channel, socket] = [accept(), connect(destPort, destIP)];
      channel.on("error", () => socket.destroy()).pipe(socket);
      socket.on("error", () => channel.destroy()).pipe(channel);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return { port: (server.address() as AddressInfo).port, logins: () => logins };
}

const server = (port: number, hostKey: string) => ({
  address: "127.0.0.1",
  port,
  user: "root",
  hostKey,
  privateKey: client.private,
});

const request = (command: string) => ({ command, stdin: "the input", limitMs: TIMEOUT_MS });

const host = (targetPort: number, jumpPort: number, pins = { target: target.public, jump: jump.public }) => ({
  ...server(targetPort, pins.target),
  name: "vps1",
  jumpHost: server(jumpPort, pins.jump),
});

test("both keys match: one log-in at the jump host, none at the host", async () => {
  const [there, way] = [await listen(target.private), await listen(jump.private)];
  await expect(lookAtHost(host(there.port, way.port), TIMEOUT_MS)).resolves.toBe("matches");
  expect([there.logins(), way.logins()]).toEqual([0, 1]);
});

test("another key of the jump host: nobody logs in there", async () => {
  const [there, way] = [await listen(target.private), await listen(other.private)];
  await expect(lookAtHost(host(there.port, way.port), TIMEOUT_MS)).rejects.toThrow(
    /host vps1 \(its jump host\): the SSH server .* has another host key/,
  );
  expect(way.logins()).toBe(0);
});

test("another key of the host behind it", async () => {
  const [there, way] = [await listen(other.private), await listen(jump.private)];
  await expect(lookAtHost(host(there.port, way.port), TIMEOUT_MS)).rejects.toThrow(
    /host vps1: the SSH server .* has another host key/,
  );
});

test("a host that is down behind its jump host, and a jump host that is down", async () => {
  const [there, way] = [await listen(target.private), await listen(jump.private)];
  open.splice(0, 1)[0]?.close();
  await expect(lookAtHost(host(there.port, way.port), TIMEOUT_MS)).resolves.toHaveProperty("unreachable");
  open.splice(0, 1)[0]?.close();
  await expect(lookAtHost(host(there.port, way.port), TIMEOUT_MS)).resolves.toEqual({
    unreachable: expect.stringMatching(/^the jump host: /),
  });
});

test("a host behind its jump host from which nothing is heard is no obstacle", async () => {
  const [there, way] = [await listen(target.private), await listen(jump.private, true)];
  const silent = host(there.port, way.port);
  const unheard = { unreachable: expect.stringMatching(/^the jump host: /) };
  await expect(lookAtHost(silent, 2_000)).resolves.toEqual(unheard);
  await expect(runOnHost(silent, request("cat"), 2_000)).resolves.toEqual(unheard);
  // The whole limit goes for the way there too.
  await expect(runOnHost(silent, { ...request("cat"), limitMs: 2_000 }, 24 * 60 * 60_000)).resolves.toEqual(
    unheard,
  );
});

test.each(["directly", "through the jump host"])("a command runs %s", async (way) => {
  const [there, jumpHost] = [await listen(target.private), await listen(jump.private)];
  const { jumpHost: through, ...direct } = host(there.port, jumpHost.port);
  const reached = way === "directly" ? direct : { ...direct, jumpHost: through };
  await expect(runOnHost(reached, request("cat"), TIMEOUT_MS)).resolves.toEqual({
    exitCode: 3,
    stdout: "cat read the input",
  });
});

test("a command that does not end is left, and one is not sent to a host that shows another key", async () => {
  const [there, wrong] = [await listen(target.private), await listen(other.private)];
  const { jumpHost: _, ...direct } = host(there.port, 0);
  await expect(runOnHost(direct, { ...request("hang"), limitMs: 100 }, TIMEOUT_MS)).resolves.toEqual({
    unreachable: "no answer within 0.1 s",
  });
  await expect(runOnHost({ ...direct, port: wrong.port }, request("cat"), TIMEOUT_MS)).rejects.toThrow(
    /another host key/,
  );
  expect(wrong.logins()).toBe(0);
});
