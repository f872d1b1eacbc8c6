import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  fieldOf,
  HOST_SCRIPT,
  type HostPayload,
  hostCommand,
  hostStdin,
  lookStdin,
  withProgram,
} from "../../../infra/host/payload";

const PAYLOAD: HostPayload = {
  stack: "dev",
  host: "vps1",
  directory: "/opt/openclaw",
  service: "openclaw-gateway",
  entry: "dist/index.js",
  seal: "phrase",
  names: "A B",
  patterns: "[]",
};

test("the command is short, constant and holds nothing but the verb", () => {
  expect(hostCommand("apply")).toBe(`exec sh -c '${HOST_SCRIPT}' x apply`);
  expect(HOST_SCRIPT).not.toContain("'");
  expect(HOST_SCRIPT.length).toBeLessThan(250);
});

test("stdin is the packed program, the fields sorted by name, and the end", () => {
  const lines = hostStdin("echo hi\n", { ...PAYLOAD, token: "t\nö" }).split("\n");
  expect(gunzipSync(Buffer.from(lines[0] ?? "", "base64")).toString()).toBe("echo hi\n");
  expect(lines.slice(-2)).toEqual(["end", ""]);
  const fields = lines.slice(1, -2).map((line) => line.split(" "));
  expect(fields.map(([name]) => name)).toEqual([...fields.map(([name]) => name)].sort());
  expect(
    Object.fromEntries(fields.map(([name, value = ""]) => [name, Buffer.from(value, "base64").toString()])),
  ).toEqual({
    ...PAYLOAD,
    token: "t\nö",
  });
});

test("the same program is the same bytes, whatever Node packs it, and no time is in them", () => {
  expect(hostStdin("echo hi\n", PAYLOAD).split("\n")[0]).toBe("H4sIAAAAAAACA0tNzshXyMjkAgAzRq4KCAAAAA==");
});

test("another program takes the place of the one in an input", () => {
  expect(withProgram(hostStdin("echo hi\n", PAYLOAD), "echo ho\n")).toBe(hostStdin("echo ho\n", PAYLOAD));
});

test("a look is sent the same input without what is secret", () => {
  const shown = {
    stack: "dev",
    host: "vps1",
    directory: "/opt",
    service: "s",
    entry: "e",
    names: "A",
    patterns: "[]",
  };
  const secret = { seal: "phrase", token: "ocg_x", "restore-keys": "sk-1\t\tA", epoch: "2" };
  expect(lookStdin(hostStdin("echo hi\n", { ...shown, ...secret }))).toBe(hostStdin("echo hi\n", shown));
});

test("a field can be read from an input", () => {
  const stdin = hostStdin("echo hi\n", PAYLOAD);
  expect([fieldOf(stdin, "directory"), fieldOf(stdin, "token")]).toEqual(["/opt/openclaw", ""]);
});

describe("on the host", () => {
  const SHELLS = [["dash"], ["bash"], ["busybox", "sh"]];

  function run(shell: readonly string[], input: string, PATH = process.env.PATH) {
    const [program = "", ...first] = shell;
    const { status, stdout, stderr } = spawnSync(program, [...first, "-c", HOST_SCRIPT, "x", "apply"], {
      input,
      encoding: "utf8",
      env: { ...process.env, PATH },
    });
    return { status, stdout, stderr };
  }

  test.each(SHELLS)("%s %s runs the program, with its verb and the rest of the input", (...shell) => {
    const program = 'IFS= read -r first; echo "$1: $first"; exit 3\n';
    const input = hostStdin(program, { ...PAYLOAD, access: "direct" });
    expect(run(shell.filter(Boolean), input)).toEqual({
      status: 3,
      stdout: `apply: access ${Buffer.from("direct").toString("base64")}\n`,
      stderr: "",
    });
  });

  test.each([
    ["is cut off", (input: string) => input.slice(0, 40)],
    ["is empty", () => ""],
    [
      "is damaged",
      (input: string) => `${input.slice(0, 30)}${input[30] === "A" ? "B" : "A"}${input.slice(31)}`,
    ],
    ["is of another packing", () => `${Buffer.from("echo hi").toString("base64")}\nend\n`],
  ])("a program that %s does nothing, and fails", (_, change) => {
    const input = change(hostStdin('echo "it ran"\n'.repeat(50), PAYLOAD));
    for (const shell of SHELLS) {
      const { status, stdout, stderr } = run(shell, input);
      expect({ status, stdout }).toEqual({ status: 72, stdout: "" });
      expect(stderr).toContain("nothing was done");
    }
  });

  test.each(["base64", "gzip"])("without %s nothing is done, and it fails", (missing) => {
    const tools = mkdtempSync(join(tmpdir(), "few-tools-"));
    try {
      for (const tool of ["dash", "base64", "gzip"])
        if (tool !== missing) symlinkSync(join("/usr/bin", tool), join(tools, tool));
      const { status, stderr } = run([join(tools, "dash")], hostStdin("echo hi\n", PAYLOAD), tools);
      expect(status).toBe(72);
      expect(stderr).toContain("base64 or gzip is missing");
    } finally {
      rmSync(tools, { recursive: true });
    }
  });
});

test("a field that is left out is not sent, so that the program's default holds", () => {
  expect(hostStdin("", PAYLOAD)).not.toMatch(/^(token|model|drain) /m);
});
