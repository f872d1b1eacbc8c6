import { readAnswer } from "../../../../scripts/lib/host-answer";

test("refusals are taken apart, every other line is kept", () => {
  const output = `note: groq/x is served as cf-groq/x
bypassed: prod/vps1 in /srv/openclaw runs on its own files
OpenClaw gives no answer on the host's own files; it stays bypassed
error own_key_refused: the provider refuses the key: 401
  expected: a key that is valid
  fix: the same command with --keys stack
`;
  expect(readAnswer(output)).toEqual({
    says: [
      "note: groq/x is served as cf-groq/x",
      "bypassed: prod/vps1 in /srv/openclaw runs on its own files",
      "OpenClaw gives no answer on the host's own files; it stays bypassed",
    ],
    refusals: [
      {
        code: "own_key_refused",
        found: "the provider refuses the key: 401",
        expected: "a key that is valid",
        fix: "the same command with --keys stack",
      },
    ],
  });
});

test("several refusals are told apart, and what only looks like one is a line", () => {
  const refusal = (code: string) => `error ${code}: a\n  expected: b\n  fix: c\n`;
  const { says, refusals } = readAnswer(`${refusal("disk_full")}${refusal("no_owner")}error: sh failed\n`);
  expect(refusals.map(({ code }) => code)).toEqual(["disk_full", "no_owner"]);
  expect(says).toEqual(["error: sh failed"]);
});

test("no output is no answer", () => {
  expect(readAnswer("\n")).toEqual({ says: [], refusals: [] });
});
