import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { KEYS } from "./fixtures";
import { Machine, type Shell } from "./machine";

const COMMON = resolve(__dirname, "../../infra/host/program/10-common.sh");

/** What `say` makes of a line, when these are the secrets. */
function said(shell: Shell, secrets: readonly string[], line: string): string {
  const [program = "", ...first] = shell === "busybox" ? ["busybox", "sh"] : [shell];
  const script = `. "$1"; shift; REDACT=""; line="$1"; shift; for secret; do hide "$secret"; done; say "$line"`;
  const { stdout } = spawnSync(program, [...first, "-c", script, "x", COMMON, line, ...secrets], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return stdout;
}

describe.each<Shell>(["dash", "bash", "busybox"])("under %s", (shell) => {
  test.each([
    [
      "every secret, wherever it is",
      ["s3cret-one", "s3cret-two"],
      "s3cret-twos3cret-one",
      "[hidden][hidden]",
    ],
    ["the longer of two that begin alike", ["s3cret", "s3cret-long"], "a s3cret-long b", "a [hidden] b"],
    ["nothing for a placeholder", ["n", "none", "x"], "none in openclaw.json, x", "none in openclaw.json, x"],
    ["a secret that is part of the mark, once", ["hidden"], "is hidden", "is [hidden]"],
  ])("hides %s", (_name, secrets, line, expected) => {
    expect(said(shell, secrets, line)).toBe(`${expected}\n`);
  });

  test.each(["sk-", "gsk_", "xai-", "pplx-", "AIza"])("hides what begins with %s, known or not", (prefix) => {
    expect(said(shell, [], `key ${prefix}abc_DEF-1.`)).toBe("key [hidden].\n");
  });

  test("leaves words that only look like its begin", () => {
    const line = "cd '/srv/task-list_old'; the disk-usage of desk-sk-a";
    expect(said(shell, [], line)).toBe(`${line}\n`);
    expect(said(shell, [], `task-list-sk-ant-${"b3".repeat(20)}`)).toBe("ta[hidden]\n");
  });
});

test.each(["n", "hidden", "none"])("a key of %s in .env neither stops a run nor garbles it", async (word) => {
  const machine = await Machine.create();
  try {
    machine.write(".env", machine.file(".env").replace(KEYS.OPENAI_API_KEY, word));
    machine.start();
    machine.behave({ turn: "fail" });
    const { code, output } = await machine.run("apply");
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining("error model_unanswered: anthropic/claude-sonnet-4-6 does not answer"),
    });
    expect(output).toContain("the previous configuration is back");
  } finally {
    await machine.remove();
  }
});
