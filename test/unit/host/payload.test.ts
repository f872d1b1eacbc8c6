import { type HostPayload, hostCommand, hostStdin } from "../../../infra/host/payload";

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
  expect(hostCommand("apply")).toBe(
    `exec sh -c 'IFS= read -r s && eval "$(printf %s "$s" | base64 -d)"' x apply`,
  );
  expect(hostCommand("restore")).toHaveLength(hostCommand("apply").length + 2);
});

test("stdin is the program, the fields sorted by name, and the end", () => {
  const lines = hostStdin("echo hi\n", { ...PAYLOAD, token: "t\nö" }).split("\n");
  expect(Buffer.from(lines[0] ?? "", "base64").toString()).toBe("echo hi\n");
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

test("a field that is left out is not sent, so that the program's default holds", () => {
  expect(hostStdin("", PAYLOAD)).not.toMatch(/^(token|model|drain) /m);
});
