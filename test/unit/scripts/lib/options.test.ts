import { type Options, readOptions, UsageError } from "../../../../scripts/lib/options";

const OPTIONS = {
  stack: { type: "text", value: "NAME", text: "" },
  state: { type: "text", value: "FILE", text: "", default: "here" },
  json: { type: "flag", text: "" },
  rounds: { type: "count", text: "", default: 7 },
} as const satisfies Options;

test("what is not given is the default", () => {
  expect(readOptions(OPTIONS, [])).toEqual({ stack: undefined, state: "here", json: false, rounds: 7 });
});

test.each([[["--stack", "prod", "--json", "--rounds", "3"]], [["--stack=prod", "--json", "--rounds=3"]]])(
  "%j is read",
  (args) => {
    expect(readOptions(OPTIONS, args)).toEqual({ stack: "prod", state: "here", json: true, rounds: 3 });
  },
);

test.each([
  [["--no-such"], "Unknown option '--no-such'."],
  [["-x"], "Unknown option '-x'."],
  [["prod"], "Unknown argument 'prod'."],
  [["--", "prod"], "Unknown argument 'prod'."],
  [["--stack"], "--stack needs a value: --stack NAME."],
  [["--stack="], "--stack needs a value: --stack NAME."],
  [["--stack", "--json"], "--stack needs a value: --stack NAME"],
  [["--json=yes"], "--json takes no value."],
  [["--rounds", "0"], "--rounds needs a whole number from 1."],
  [["--rounds", "3.5"], "--rounds needs a whole number from 1."],
  [["--rounds"], "--rounds needs a whole number from 1."],
  // An object's own properties are no options.
  [["--constructor"], "Unknown option '--constructor'."],
])("%j is refused, with what is allowed", (args, message) => {
  const read = () => readOptions(OPTIONS, args);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
  expect(read).toThrow("Options: --stack, --state, --json, --rounds.");
});

test("everything that is wrong is said at once", () => {
  expect(() => readOptions(OPTIONS, ["--typo", "prod", "--rounds", "x"])).toThrow(
    "Unknown option '--typo'; unknown argument 'prod'; --rounds needs a whole number from 1.",
  );
});
