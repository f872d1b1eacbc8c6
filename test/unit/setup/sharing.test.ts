import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNewEnough } from "../../../scripts/setup/compose";
import { Leases, startTime } from "../../../scripts/setup/leases";
import { withMachineLock } from "../../../scripts/setup/machine-lock";

test("work of one name runs one after the other, work of another name beside it", async () => {
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.push(`${name} ends`);
  };
  const lock = `test ${process.pid}`;
  await Promise.all([withMachineLock(lock, work("one")), withMachineLock(lock, work("two"))]);
  expect(log[1]).toBe(log[0]?.replace("begins", "ends"));
  expect(log).toHaveLength(4);
});

test("a lock is free again after its work has failed", async () => {
  const lock = `test failing ${process.pid}`;
  await expect(withMachineLock(lock, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withMachineLock(lock, async () => "again")).toBe("again");
});

test("leases count while they are held and their process lives", () => {
  const directory = mkdtempSync(join(tmpdir(), "openclaw-leases-"));
  try {
    const leases = new Leases(directory);
    expect(leases.countLive()).toBe(0);
    const [first, second] = [leases.take(), leases.take()];
    // A process that is gone, and one whose pid now belongs to another.
    writeFileSync(join(directory, "999999999-dead"), "1");
    writeFileSync(join(directory, `${process.pid}-other`), "1");
    expect(leases.countLive()).toBe(2);
    first();
    first();
    expect(leases.countLive()).toBe(1);
    second();
    expect(leases.countLive()).toBe(0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("a process has one start time", () => {
  expect(startTime(process.pid)).toMatch(/^\d+$/);
  expect(startTime(process.pid)).toBe(startTime(process.pid));
});

test.each([
  ["2.40.3", true],
  ["v2.24.0-desktop.1", true],
  ["2.23.9", false],
  ["1.29.2", false],
  ["5.0.0", true],
  ["", false],
])("Compose %s is new enough: %s", (version, expected) => expect(isNewEnough(version)).toBe(expected));
