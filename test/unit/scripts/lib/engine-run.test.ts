import { outcomesIn } from "../../../../scripts/lib/engine-run";

const urn = (name: string) => `urn:pulumi:prod::openclaw-ai-gateway::command:remote:Command::${name}`;

const outputs = (name: string, op: string, planning?: boolean) => ({
  sequence: 1,
  resOutputsEvent: { metadata: { op, urn: urn(name) }, ...(planning === undefined ? {} : { planning }) },
});
const failed = (name: string, op: string) => ({
  resOpFailedEvent: { metadata: { op, urn: urn(name) }, status: 0, steps: 1 },
});

const read = (...events: object[]) =>
  Object.fromEntries(outcomesIn(events.map((event) => `${JSON.stringify(event)}\n`).join("")));

test.each<[string, object[], Record<string, string>]>([
  ["set up", [outputs("host-vps1-guard", "create"), outputs("host-vps1-apply", "create")], { vps1: "done" }],
  ["nothing to change", [outputs("host-vps1-apply", "same")], { vps1: "done" }],
  ["the guard alone is not enough", [outputs("host-vps1-guard", "same")], {}],
  ["a refresh changes nothing", [outputs("host-vps1-apply", "refresh")], {}],
  ["a preview neither", [outputs("host-vps1-apply", "update", true)], {}],
  [
    "the change failed",
    [outputs("host-vps1-guard", "same"), failed("host-vps1-apply", "update")],
    { vps1: "failed" },
  ],
  [
    "put back",
    [outputs("host-vps1-apply", "delete"), outputs("host-vps1-guard", "delete")],
    { vps1: "done" },
  ],
  [
    "not put back",
    [outputs("host-vps1-apply", "delete"), failed("host-vps1-guard", "delete")],
    { vps1: "failed" },
  ],
  ["a host whose name has dashes", [outputs("host-a-guard-b-apply", "same")], { "a-guard-b": "done" }],
  ["other resources", [outputs("gateway", "update"), { diagnosticEvent: { message: "x" } }], {}],
])("%s", (_, events, expected) => {
  expect(read(...events)).toEqual(expected);
});

test("a log that was cut off counts as far as it goes", () => {
  const whole = JSON.stringify(outputs("host-vps1-apply", "same"));
  expect(Object.fromEntries(outcomesIn(`${whole}\n${whole.slice(0, 40)}`))).toEqual({ vps1: "done" });
  expect(outcomesIn("").size).toBe(0);
});
