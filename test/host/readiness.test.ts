import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createTls } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CONFIG } from "./fixtures";
import { Machine } from "./machine";

let machine: Machine;
const listening: Server[] = [];

beforeEach(async () => {
  machine = await Machine.create();
  // Neither the command nor a variable says where OpenClaw listens.
  machine.write(".env", machine.file(".env").replace(/^OPENCLAW_GATEWAY_PORT=.*\n/m, ""));
  const compose = machine.file("docker-compose.yml");
  machine.write("docker-compose.yml", compose.replace(/, "--port", "[^"]*"/, ""));
});
afterEach(async () => {
  for (const server of listening.splice(0)) await new Promise((resolve) => server.close(resolve));
  await machine.remove();
});

const isReady: RequestListener = (_request, response) => response.end('{"ready": true}');

/** OpenClaw's gateway at a port of its own, with a certificate that it made itself or without. */
async function gateway(tls: boolean): Promise<number> {
  const server = tls ? createTls(selfSigned(), isReady) : createPlain(isReady);
  listening.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function selfSigned(): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(machine.root, "key.pem"), join(machine.root, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=openclaw"];
  execFileSync("openssl", ["req", "-x509", ...kind, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

function configure(config: string, settings: Record<string, unknown>): void {
  const parsed = JSON.parse(config) as { gateway: Record<string, unknown> };
  machine.write(
    "state/openclaw.json",
    JSON.stringify({ ...parsed, gateway: { ...parsed.gateway, ...settings } }),
  );
}

test.each([
  ["http", false],
  ["https", true],
])("a gateway that openclaw.json puts at another port, over %s, also after a move", async (_name, tls) => {
  configure(CONFIG, { port: await gateway(tls), tls: { enabled: tls } });
  machine.start();
  expect(await machine.run("apply")).toEqual({ code: 0, output: expect.any(String) });

  configure(machine.file("state/openclaw.json"), { port: await gateway(tls) });
  expect((await machine.run("ready")).output).toContain("ready: dev/vps1");
  expect((await machine.run("restore")).code).toBe(0);
});

test("one that does not answer is named by its address", async () => {
  const port = await gateway(false);
  configure(CONFIG, { port, tls: { enabled: true } });
  machine.patience = 3;
  machine.start();
  const { code, output } = await machine.run("apply");
  expect(code).toBe(1);
  expect(output).toContain(
    `error openclaw_not_ready: OpenClaw's https://127.0.0.1:${port}/readyz answers nothing`,
  );
});
