import { PassThrough } from "node:stream";
import {
  CannotRun,
  type Command,
  execute,
  type Frame,
  JSON_OUTPUT,
  STACK,
} from "../../../../scripts/lib/command";
import { Interruption } from "../../../../scripts/lib/interruption";
import type { Options, Values } from "../../../../scripts/lib/options";

const COMMAND = {
  name: "look",
  summary: "\nLooks at a stack.",
  options: { ...STACK, ...JSON_OUTPUT },
  examples: [
    ["", "the selected one"],
    ["--stack prod", "another"],
  ],
  exitCodes: { 0: "good", 1: "bad" },
} as const satisfies Command<Options>;

type Work = (values: Values<typeof COMMAND.options>, frame: Frame) => Promise<number>;

const interruption = new Interruption();
afterAll(() => interruption.stop());

async function executed(
  args: string[],
  work: Work,
  {
    terminal = false,
    interrupted = interruption,
    command = COMMAND as typeof COMMAND & { rest?: string },
  } = {},
) {
  const [stdout, stderr] = [recorder(terminal), recorder(terminal)];
  const code = await execute(command, work, { args, stdout, stderr }, interrupted);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function recorder(terminal: boolean) {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  return Object.assign(stream, { isTTY: terminal, text: () => text });
}

test("the result goes to stdout, and what is being done to stderr", async () => {
  const { code, stdout, stderr } = await executed(["--stack", "prod"], async ({ stack }, frame) => {
    await frame.progress.step("Looking", async () => {});
    frame.print(`${stack} is well`);
    return 0;
  });
  expect(code).toBe(0);
  expect(stdout).toBe("prod is well\n");
  expect(stderr).toContain("Looking");
});

test("what stands behind a second -- goes to another program, where the command has one", async () => {
  const command = { ...COMMAND, rest: "options of pulumi up" };
  const seen = jest.fn();
  const work: Work = async ({ stack }, { rest }) => {
    seen(stack, rest);
    return 0;
  };
  await executed(["--stack", "prod", "--", "--help", "--parallel", "4"], work, { command });
  await executed(["--stack", "prod"], work, { command });
  expect(seen.mock.calls).toEqual([
    ["prod", ["--help", "--parallel", "4"]],
    ["prod", []],
  ]);
  const { stdout } = await executed(["--help"], work, { command });
  expect(stdout).toContain("npm run look -- [options] [-- options of pulumi up]\n");
  expect(await executed(["--", "--parallel"], work)).toMatchObject({ code: 2 });
});

test("--help wins over everything else on the line, and says how to call it", async () => {
  const work = jest.fn();
  const { code, stdout } = await executed(["--typo", "--help"], work);
  expect(work).not.toHaveBeenCalled();
  expect(code).toBe(0);
  expect(stdout).toBe(`npm run look -- [options]

Looks at a stack.

Options:
  --stack NAME  the stack (default: the selected one)
  --json        the result as JSON, for machines
  --help        this text

Examples:
  npm run look                  the selected one
  npm run look -- --stack prod  another

Exit codes:
  0    good
  1    bad
  2    wrong usage
  130  interrupted
`);
});

test("wrong usage is one error with the allowed options, and nothing on stdout", async () => {
  const work = jest.fn();
  const { code, stdout, stderr } = await executed(["--typo"], work);
  expect(work).not.toHaveBeenCalled();
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(
    "Unknown option '--typo'. Options: --stack, --json, --help.\nMore: npm run look -- --help\n",
  );
});

test.each([
  [new Error("no answer"), 1],
  [new CannotRun("no such stack"), 2],
])("%s is said on stderr, with its exit code", async (error, expected) => {
  const { code, stdout, stderr } = await executed([], () => Promise.reject(error));
  expect([code, stdout, stderr]).toEqual([expected, "", `${error.message}\n`]);
});

test("there are colours on a terminal alone, and not with NO_COLOR", async () => {
  const work: Work = async (_values, { print, paint }) => {
    print(paint("good", "well"));
    return 0;
  };
  const before = process.env.NO_COLOR;
  try {
    delete process.env.NO_COLOR;
    expect((await executed([], work)).stdout).toBe("well\n");
    expect((await executed([], work, { terminal: true })).stdout).toBe("\x1b[32mwell\x1b[0m\n");
    process.env.NO_COLOR = "1";
    expect((await executed([], work, { terminal: true })).stdout).toBe("well\n");
  } finally {
    if (before === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = before;
  }
});

test("Ctrl-C ends what is waited for, after its clean-up, with code 130", async () => {
  const interrupted = new Interruption();
  const cleanUp = jest.fn();
  const running = executed(
    [],
    async (_values, frame) => {
      try {
        process.emit("SIGINT");
        return await frame.interruption.race(new Promise<number>(() => {}));
      } finally {
        cleanUp();
      }
    },
    { interrupted },
  );
  const { code, stderr } = await running;
  interrupted.stop();
  expect(cleanUp).toHaveBeenCalledTimes(1);
  expect([code, stderr]).toEqual([130, "Interrupted.\n"]);
});
