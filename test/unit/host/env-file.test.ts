import { assignments } from "../../../infra/host/in-container/env-file";
import { keysInEnv } from "../../../infra/host/in-container/env-keys";

/** Every value is the one that Docker Compose 2.40.3, 5.0.0 and 5.1.0 gave in `docker compose config`. */
const READ: [string, Record<string, string>][] = [
  ["# A=1\nA=2", { A: "2" }],
  ["A = \"x y\" \r\nexport B='2'\r\n\r\nC=\r\n", { A: "x y", B: "2", C: "" }],
  ["A: in the manner of YAML", { A: "in the manner of YAML" }],
  ["A=value # comment", { A: "value" }],
  ["A=\"value\" # comment\nB='value'\t# comment", { A: "value", B: "value" }],
  ["A=value\t# no comment", { A: "value\t# no comment" }],
  ["A=value#no-comment", { A: "value#no-comment" }],
  ["A= # no comment", { A: "# no comment" }],
  ["K-L.M=odd", { "K-L.M": "odd" }],
  ['A="first" B=second', { A: "first", B: "second" }],
  ['A="over\nlines" # comment\nB=2', { A: "over\nlines", B: "2" }],
  [`A='it\\'s'\nB="say \\"x\\""`, { A: "it's", B: 'say "x"' }],
  ["A\nB=2", { B: "2" }],
];

test.each(READ)("%j is read as Compose does", (text, values) => {
  expect(Object.fromEntries(assignments(text).map(({ name, value }) => [name, value]))).toEqual(values);
});

test("the place of a value, and the lines that it takes", () => {
  const text = '# A=0\nA="one\ntwo"\nB=three # B\n';
  const found = assignments(text);
  expect(found.map(({ at, value }) => text.slice(at, at + value.length))).toEqual(["one\ntwo", "three"]);
  expect(found.map(({ line, lastLine }) => [line, lastLine])).toEqual([
    [2, 3],
    [4, 4],
  ]);
});

test("lines that Compose refuses are passed over", () => {
  expect(assignments("not one\n=x\nA=1").map(({ name }) => name)).toEqual(["A"]);
});

const KEY = "sk-ant-abcdefghijklmn";
const SHAPES = {
  names: ["ANTHROPIC_API_KEY", "COHERE_API_KEY"],
  otherNames: ["KIMI_API_KEY"],
  patterns: [/sk-ant-[a-z0-9]{10,}/],
};

test("keys are found in every line that holds one, but not those of other providers", () => {
  const text = [
    "TZ=UTC",
    `ANTHROPIC_API_KEY: ${KEY} # prod`,
    `#ANTHROPIC_API_KEY=${KEY}0`,
    `# the one before was ${KEY}1.`,
    "# COHERE_API_KEY=abcdefghijklmnopqrstuvwxyz",
    "# COHERE_API_KEY=your-key",
    `# KIMI_API_KEY=${KEY}`,
    `KIMI_API_KEY=${KEY} # ${KEY}`,
    "COHERE_API_KEY=word",
    `LEVEL=info # ${KEY}2`,
    `MINE=${KEY}`,
  ].join("\n");
  expect(keysInEnv(text, SHAPES)).toEqual({
    names: ["ANTHROPIC_API_KEY", "COHERE_API_KEY", "MINE"],
    values: [KEY, "word"],
    unused: [`${KEY}0`, `${KEY}1`, "abcdefghijklmnopqrstuvwxyz", `${KEY}2`],
    comments: [3, 4, 5],
    lines: [2, 3, 4, 5, 9, 11],
    beside: ["LEVEL"],
    left: ["KIMI_API_KEY"],
  });
});
