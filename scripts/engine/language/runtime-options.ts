/** The `runtime.options` of a `Pulumi.yaml` or `PulumiPlugin.yaml`, as Pulumi's own Node.js language host reads them. */
export interface RuntimeOptions {
  /** Load TypeScript sources directly. Default true. */
  readonly typescript: boolean;
  /** Path of the `tsconfig.json` to use; undefined: the one in the program's directory. */
  readonly tsconfig: string | undefined;
  /** Arguments for the Node process itself, already split. */
  readonly nodeargs: readonly string[];
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws Error naming every option of a wrong type, or a package manager that this host cannot run.
 */
export function parseRuntimeOptions(options: Readonly<Record<string, unknown>>): RuntimeOptions {
  const { typescript = true, tsconfig, nodeargs = "", packagemanager = "npm" } = options;
  const problems: string[] = [];
  if (typeof typescript !== "boolean") problems.push("typescript must be a boolean");
  if (tsconfig !== undefined && typeof tsconfig !== "string") problems.push("tsconfig must be a string");
  if (typeof nodeargs !== "string") problems.push("nodeargs must be a string");
  if (packagemanager !== "npm" && packagemanager !== "auto") {
    problems.push(
      `packagemanager is ${JSON.stringify(packagemanager)}, only npm is supported by this language host`,
    );
  }
  if (problems.length > 0) {
    throw new Error(`runtime options: ${problems.join("; ")}`);
  }
  return {
    typescript: typescript === true,
    tsconfig: typeof tsconfig === "string" && tsconfig !== "" ? tsconfig : undefined,
    nodeargs: typeof nodeargs === "string" ? splitWords(nodeargs) : [],
  };
}

/** The environment that tells `@pulumi/pulumi/cmd/run` and `run-plugin` how to load the program. */
export function loaderEnvironment(options: RuntimeOptions): Record<string, string> {
  return {
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
  };
}

/**
 * Splits as a shell does: blanks separate, quotes group, a backslash takes the next character as it is (not inside
 * single quotes).
 *
 * @throws Error for a quote that is not closed.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "" && char === quote) {
      quote = "";
    } else if (quote === "" && (char === "'" || char === '"')) {
      quote = char;
      word ??= "";
    } else if (char === "\\" && quote !== "'" && at + 1 < text.length) {
      at += 1;
      word = (word ?? "") + text.charAt(at);
    } else if (quote === "" && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") {
    throw new Error(`nodeargs has a ${quote} that is not closed: ${text}`);
  }
  return word === undefined ? words : [...words, word];
}
