import { problemsIn } from "../../../../scripts/doctor/hosts";

test("the host program's own words become problems with their fixes", () => {
  const text = `note: something
error key_on_host: .env holds a provider key in OPENAI_API_KEY
  expected: no provider key on this host
  fix: pulumi up, which seals it
error openclaw_not_ready: OpenClaw's /readyz answers 503
  expected: status 200 with ready: true
  fix: docker compose logs --tail 50
`;
  expect(problemsIn(text)).toEqual([
    {
      says: "key_on_host: .env holds a provider key in OPENAI_API_KEY",
      fix: "pulumi up, which seals it",
    },
    { says: "openclaw_not_ready: OpenClaw's /readyz answers 503", fix: "docker compose logs --tail 50" },
  ]);
});

test.each([
  ["sh: 1: not found", "sh: 1: not found"],
  ["", "the host said nothing"],
])("what it does not say in that form is passed on: %j", (text, says) => {
  expect(problemsIn(text)).toEqual([{ says, fix: "npx pulumi up --refresh" }]);
});
