import { PassThrough } from "node:stream";
import { duration, Progress, type ProgressStream } from "../../../scripts/setup/progress";

function recorded(terminal: boolean): { stream: ProgressStream; text: () => string } {
  const stream: ProgressStream = new PassThrough();
  stream.isTTY = terminal;
  stream.columns = 200;
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  return { stream, text: () => text };
}

const LONG = "a very long detail ".repeat(10);

test.each([false, true])("lines never pass 80 columns (terminal: %s)", async (terminal) => {
  const { stream, text } = recorded(terminal);
  const progress = new Progress(stream);
  await progress.step("Compile", async (note) => note(LONG));
  await progress
    .step(LONG, async (note) => {
      note(`\x1b[31m${LONG}\nsecond line`);
      throw new Error("no");
    })
    .catch(() => {});
  const lines = withoutStyle(`${text()}\n${progress.table()}`).split("\n");
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test("a log gets plain lines, one at the start and one at the end of a step", async () => {
  const { stream, text } = recorded(false);
  await new Progress(stream).step("Compile", async (note) => note("one"));
  const lines = text().trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^\S Compile$/);
  expect(lines[1]).toMatch(/^\S Compile +\d+\.\d s$/);
  expect(text()).not.toContain("\x1b");
});

test("a failed step is recorded, says what it did last, and passes its error on", async () => {
  const { stream, text } = recorded(false);
  const progress = new Progress(stream);
  const failing = progress.step("Compile", async (note) => {
    note("linking");
    throw new Error("disk full");
  });
  await expect(failing).rejects.toThrow("disk full");
  expect(progress.steps).toMatchObject([{ title: "Compile", outcome: "failed" }]);
  expect(text()).toContain("Compile: linking");
  expect(progress.table()).toContain("Compile (failed)");
});

test("steps may overlap, and the value of a step is passed on", async () => {
  const progress = new Progress(recorded(true).stream);
  const values = await Promise.all([progress.step("a", async () => 1), progress.step("b", async () => 2)]);
  expect(values).toEqual([1, 2]);
  expect(progress.steps.map(({ title }) => title).sort()).toEqual(["a", "b"]);
});

test.each([
  [0.04, "0.0 s"],
  [59.94, "59.9 s"],
  [59.96, "1 min 00 s"],
  [125.4, "2 min 05 s"],
])("%s seconds read %s", (seconds, expected) => expect(duration(seconds)).toBe(expected));

function withoutStyle(text: string): string {
  return text.replace(/\p{Cc}\[[0-9;]*[A-Za-z]/gu, "").replaceAll("\r", "");
}
