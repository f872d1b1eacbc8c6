import {
  loaderEnvironment,
  parseRuntimeOptions,
  splitWords,
} from "../../../scripts/engine/language/runtime-options";

test("without options TypeScript is loaded and Node gets no arguments", () => {
  const options = parseRuntimeOptions({});
  expect(options).toEqual({ typescript: true, tsconfig: undefined, nodeargs: [] });
  expect(loaderEnvironment(options)).toEqual({ PULUMI_NODEJS_TYPESCRIPT: "true" });
});

test("all options", () => {
  const options = parseRuntimeOptions({
    typescript: false,
    tsconfig: "tsconfig.pulumi.json",
    nodeargs: "--import tsx --title 'a b'",
    packagemanager: "npm",
  });
  expect(options.nodeargs).toEqual(["--import", "tsx", "--title", "a b"]);
  expect(loaderEnvironment(options)).toEqual({ PULUMI_NODEJS_TSCONFIG_PATH: "tsconfig.pulumi.json" });
});

test("all problems are in one error", () => {
  expect(() =>
    parseRuntimeOptions({ typescript: "yes", tsconfig: 1, nodeargs: [], packagemanager: "yarn" }),
  ).toThrow(
    "runtime options: typescript must be a boolean; tsconfig must be a string; nodeargs must be a string; " +
      'packagemanager is "yarn", only npm is supported by this language host',
  );
});

test.each([
  ["", []],
  ["  ", []],
  ["a  b\tc", ["a", "b", "c"]],
  [`'a b' "c d"e`, ["a b", "c de"]],
  [`a\\ b`, ["a b"]],
  [`"a\\"b" 'a\\b'`, ['a"b', "a\\b"]],
  [`--x=''`, ["--x="]],
  [`""`, [""]],
])("splits %j as a shell does", (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test("a quote that is not closed is refused", () => {
  expect(() => splitWords("--title 'a")).toThrow("nodeargs has a ' that is not closed");
});
