import { linesOf, readReport } from "../../../infra/host/report";

const AS_APPLIED = [
  "managed: prod/vps1 in /opt/openclaw",
  "env as applied",
  "override as applied",
  "compose files as applied",
  "openclaw.json as applied",
  "environment as applied",
  "container true false 0 healthy",
];

const report = (...lines: string[]) => readReport(`${lines.join("\n")}\n`);

test("a host that is as applied has nothing to say", () => {
  expect(report(...AS_APPLIED)).toEqual({
    managed: true,
    bypassed: false,
    drift: [],
    changes: [],
    pause: undefined,
    refusals: [],
    notes: [],
  });
  expect(linesOf(report(...AS_APPLIED))).toEqual([]);
});

test("what somebody changed, what would change, and the pause: a short line each", () => {
  const found = report(
    ...AS_APPLIED.slice(0, 1),
    "env changed since: COMPOSE_FILE",
    "environment changed since: it holds OPENAI_API_KEY",
    "note: web search grok loses its key XAI_API_KEY; give it one of its own",
    "would change env: ~COMPOSE_FILE",
    "would change openclaw.json: +models.providers.openai",
    "would lose comments: 2",
    "would restart: openclaw-gateway gets up to 330 s to finish its turns",
  );
  expect(found.notes).toEqual(["note: web search grok loses its key XAI_API_KEY; give it one of its own"]);
  expect(linesOf(found)).toEqual([
    "changed by somebody else, and applied again: env changed since: COMPOSE_FILE; environment changed since: it holds OPENAI_API_KEY",
    "would change env: ~COMPOSE_FILE; openclaw.json: +models.providers.openai; lost: comments: 2",
    "web search grok loses its key XAI_API_KEY; give it one of its own",
    "pause: openclaw-gateway gets up to 330 s to finish its turns",
  ]);
});

test("a refusal is one line, without what belongs to it", () => {
  const found = report(
    "not managed: a",
    "error key_elsewhere: service x has a key",
    "  expected: none",
    "  fix: take it out",
  );
  expect(found).toMatchObject({
    managed: false,
    refusals: ["key_elsewhere: service x has a key"],
    notes: [],
  });
  expect(linesOf(found)).toEqual(["up will be refused: key_elsewhere: service x has a key"]);
});

test("what serves which model is said where something would change or be refused, and nowhere else", () => {
  const note = "note: models served by the stack under the same name: openai/gpt";
  const said = note.slice("note: ".length);
  expect(linesOf(report(...AS_APPLIED, note))).toEqual([]);
  expect(linesOf(report("managed: a", note, "would change env: ~B"))).toContain(said);
  expect(linesOf(report("managed: a", note, "error model_unserved: b"))).toEqual([
    said,
    "up will be refused: model_unserved: b",
  ]);
});

test("a host that did not say anything of the kind, and one that could not be asked", () => {
  expect(report("bash: command not found")).toMatchObject({
    managed: undefined,
    notes: ["bash: command not found"],
  });
  expect(linesOf({ unseen: "it is down" })).toEqual(["cannot be looked at: it is down"]);
});

test("a bypass is said at every look", () => {
  const found = report(
    "managed: a",
    "bypassed: it runs on its own files; to end it: …",
    "container true false 0 healthy",
  );
  expect(found).toMatchObject({ managed: true, bypassed: true, drift: [] });
  expect(linesOf(found)).toEqual(["bypassed: it runs on its own files; to end it: …"]);
});
