import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fieldOf, type HostPayload } from "../../infra/host/payload";
import { recoveryKit } from "../../infra/recovery-kit";
import type { HostInState } from "../../infra/stack-status";
import type { Ran } from "./commands";
import { SEAL } from "./fixtures";
import { Machine } from "./machine";

/** The section "Restore by hand" of docs/operations.md, followed line by line. */

const root = resolve(__dirname, "../..");
const [, section = ""] = readFileSync(join(root, "docs/operations.md"), "utf8").split("### Restore by hand");
const LINES = [...section.matchAll(/```sh\n(.*?)```/gs)]
  .slice(0, 2)
  .flatMap(([, block = ""]) => block.trim().split("\n"));

let machine: Machine;
let programs: string;

beforeEach(async () => {
  machine = await Machine.create();
  machine.start();
  programs = join(machine.root, "operator");
  mkdirSync(programs);
  // The operator has decrypted it, and `ssh` is a shell on the machine: after options and target comes the command.
  writeFileSync(join(machine.root, "prod.age"), kitOf(machine.stdin()));
  program("age", `[ "$1 $2" = "-d -i" ] || exit 64; cat "$4"`);
  program(
    "ssh",
    `printf '%s\\n' "$*" >>"$HOME/ssh.log"
while :; do
  case "$1" in
    -o) case "$2" in UserKnownHostsFile=*) cat "\${2#*=}" >>"$HOME/ssh.log" ;; esac; shift 2 ;;
    -p | -i) shift 2 ;;
    *) break ;;
  esac
done
shift
tee "$HOME/ssh.in" | sh -c "$*"`,
  );
});
afterEach(() => machine.remove());

function program(name: string, text: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(programs, name), 0o755);
}

function kitOf(
  stdin: string,
  jumpHost?: HostInState["server"]["jumpHost"],
  address = "vps.example.com",
): string {
  const server = {
    name: "vps1",
    address,
    port: 2222,
    user: "deploy",
    hostKey: "ssh-ed25519 AAAAvps",
    jumpHost,
  };
  const host = { name: "vps1", applied: true, cutOff: false, server, stdin, applyStdin: undefined };
  return recoveryKit("prod", [host], new Date("2030-01-01"));
}

const type = (line: string): Promise<Ran> => machine.byHand(line, programs);
const sshLog = () => readFileSync(join(machine.root, "ssh.log"), "utf8");
const wasSent = (name: keyof HostPayload) =>
  fieldOf(readFileSync(join(machine.root, "ssh.in"), "utf8"), name);
const line = (end: string) =>
  LINES.find((one) => one.endsWith(end)) ?? `no line of the document ends with ${end}`;

test("over SSH: the list, the restore byte for byte, the status", async () => {
  const before = machine.tree();
  await machine.run("apply");
  expect(await type(line("sh -s list"))).toEqual({
    code: 0,
    output: `vps1: deploy@vps.example.com port 2222, ${machine.project}\n`,
  });
  expect(await type(line("sh -s restore vps1"))).toEqual({
    code: 0,
    output: expect.stringContaining("restored: dev/vps1"),
  });
  expect(machine.tree()).toEqual(before);
  expect(machine.serving()).toBe("own");
  expect(wasSent("seal")).toBe(SEAL);
  expect((await type(line("sh -s status vps1"))).output).toContain("not managed");
  expect(wasSent("directory")).toBe(machine.project);
  expect(wasSent("seal")).toBe("");
  expect(wasSent("token")).toBe("");
  expect(sshLog()).toContain("StrictHostKeyChecking=yes -p 2222 deploy@vps.example.com");
  expect(sshLog()).toContain("[vps.example.com]:2222 ssh-ed25519 AAAAvps");
  expect(sshLog()).not.toContain(SEAL);
});

test("on the machine itself", async () => {
  const before = machine.tree();
  await machine.run("apply");
  expect(await type(line("sh -s here restore vps1"))).toEqual({
    code: 0,
    output: expect.stringContaining("restored: dev/vps1"),
  });
  expect(machine.tree()).toEqual(before);
});

test("every command line of the section is one of these", () => {
  expect(LINES).toHaveLength(4);
});

test("a bypass by hand, and options for ssh", async () => {
  await machine.run("apply");
  expect(await type(`${line("sh -s restore vps1").replace("restore", "bypass")} -i key`)).toEqual({
    code: 0,
    output: expect.stringContaining("bypassed: dev/vps1"),
  });
  expect(sshLog()).toContain("-p 2222 -i key deploy@vps.example.com");
  expect((await machine.run("apply")).output).toContain("host_bypassed");
});

test("the jump host is used with its own pinned key", async () => {
  const jump = { address: "bastion.example.com", port: 22, user: "gate", hostKey: "ssh-ed25519 AAAAgate" };
  writeFileSync(join(machine.root, "prod.age"), kitOf(machine.stdin(), jump));
  await type(line("sh -s status vps1"));
  expect(sshLog()).toMatch(
    /-o ProxyCommand=ssh .*StrictHostKeyChecking=yes -W '\[%h\]:%p' -p 22 gate@bastion\.example\.com/,
  );
  expect(sshLog()).toContain("bastion.example.com ssh-ed25519 AAAAgate");
});

test("IPv6 addresses: the real ssh reads them as they are meant", async () => {
  const jump = { address: "2001:db8::1", port: 22, user: "gate", hostKey: "ssh-ed25519 AAAAgate" };
  writeFileSync(join(machine.root, "prod.age"), kitOf(machine.stdin(), jump, "2001:db8::5"));
  await type(line("sh -s status vps1"));
  expect(sshLog()).toContain("2001:db8::1 ssh-ed25519 AAAAgate\n");
  expect(sshLog()).toContain("[2001:db8::5]:2222 ssh-ed25519 AAAAvps\n");
  // -G: what ssh makes of its command line, without a connection.
  const read = (command: string) => {
    const { stdout, stderr } = spawnSync("sh", ["-c", command.replace(/^ssh /, "ssh -G ")], {
      encoding: "utf8",
    });
    return stderr + stdout;
  };
  const [, proxy = ""] = /-o ProxyCommand=(ssh .* gate@\S+) /.exec(sshLog()) ?? [];
  expect(read(proxy.replace("%h", "2001:db8::5").replace("%p", "2222"))).toMatch(
    /^user gate\nhostname 2001:db8::1\nport 22$/m,
  );
  expect(read("ssh -p 2222 deploy@2001:db8::5")).toMatch(/^user deploy\nhostname 2001:db8::5\nport 2222$/m);
});

test("what the kit does not have or know is refused", async () => {
  expect(await type("sh prod.age restore vps9")).toEqual({
    code: 1,
    output: expect.stringContaining("no host vps9"),
  });
  expect(await type("sh prod.age")).toMatchObject({ code: 2 });
});
