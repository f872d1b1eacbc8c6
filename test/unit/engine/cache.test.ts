import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { cacheDir, hashOf, once } from "../../../scripts/setup/cache";

const quiet = () => {};
let directory: string;
const saved = { ...process.env };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cache-test-"));
});

afterEach(() => {
  process.env = { ...saved };
  rmSync(directory, { recursive: true });
});

describe("cacheDir", () => {
  test("prefers our own variable, then XDG's, then the home directory", () => {
    delete process.env.XDG_CACHE_HOME;
    delete process.env.OPENCLAW_AI_GATEWAY_CACHE;
    expect(cacheDir("a", "b")).toBe(join(homedir(), ".cache/openclaw-ai-gateway/a/b"));
    process.env.XDG_CACHE_HOME = "/xdg";
    expect(cacheDir()).toBe("/xdg/openclaw-ai-gateway");
    process.env.OPENCLAW_AI_GATEWAY_CACHE = "/ours";
    expect(cacheDir("a")).toBe("/ours/a");
  });
});

describe("hashOf", () => {
  function checkout(name: string, files: Record<string, string>): string[] {
    mkdirSync(join(directory, name));
    return Object.entries(files).map(([file, content]) => {
      writeFileSync(join(directory, name, file), content);
      return join(directory, name, file);
    });
  }

  test("is the same in every checkout", () => {
    const files = { "go.mod": "module m", "main.go": "package main" };
    expect(hashOf(checkout("one", files), "linux")).toBe(hashOf(checkout("two", files), "linux"));
    expect(hashOf([])).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each([
    ["content", { "go.mod": "module n", "main.go": "package main" }, "linux"],
    ["a name", { "go.mod": "module m", "other.go": "package main" }, "linux"],
    ["where one file ends", { "go.mod": "module mpack", "main.go": "age main" }, "linux"],
    ["extra", { "go.mod": "module m", "main.go": "package main" }, "darwin"],
  ])("differs by %s", (_, files, extra) => {
    const original = checkout("one", { "go.mod": "module m", "main.go": "package main" });
    expect(hashOf(checkout("two", files), extra)).not.toBe(hashOf(original, "linux"));
  });
});

describe("once", () => {
  test("builds aside, moves into place, and does not build again", async () => {
    const target = join(directory, "deep", "target");
    let builds = 0;
    const build = async (temporary: string) => {
      builds += 1;
      expect(existsSync(target)).toBe(false);
      writeFileSync(join(temporary, "result"), "done");
    };
    await once(target, build, quiet);
    await once(target, build, quiet);
    expect(builds).toBe(1);
    expect(readFileSync(join(target, "result"), "utf8")).toBe("done");
    expect(readdirSync(join(directory, "deep"))).toEqual(["target"]);
  });

  test("a failed build leaves nothing, and the next one starts anew", async () => {
    const target = join(directory, "target");
    const failing = async (temporary: string) => {
      writeFileSync(join(temporary, "half"), "");
      throw new Error("no room");
    };
    await expect(once(target, failing, quiet)).rejects.toThrow("no room");
    expect(readdirSync(directory)).toEqual([]);
    await once(target, async () => {}, quiet);
    expect(existsSync(target)).toBe(true);
  });

  test("removes what a killed build left", async () => {
    mkdirSync(join(directory, "target.tmp-0badcafe"));
    mkdirSync(join(directory, "another.tmp-0badcafe"));
    await once(join(directory, "target"), async () => {}, quiet);
    expect(readdirSync(directory).sort()).toEqual(["another.tmp-0badcafe", "target"]);
  });

  test("two processes build once, and both find it complete", async () => {
    const target = join(directory, "target");
    const log = join(directory, "log");
    const script = join(directory, "build.ts");
    writeFileSync(
      script,
      `import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
       import { once } from ${JSON.stringify(join(__dirname, "../../../scripts/setup/cache.ts"))};
       once(${JSON.stringify(target)}, async (temporary) => {
         appendFileSync(${JSON.stringify(log)}, "built\\n");
         await new Promise((resolve) => setTimeout(resolve, 500));
         writeFileSync(temporary + "/result", "done");
       }, () => {}).then(() => process.stdout.write(readFileSync(${JSON.stringify(`${target}/result`)})));`,
    );
    const run = () => promisify(execFile)(process.execPath, ["--import", require.resolve("tsx"), script]);
    const results = await Promise.all([run(), run()]);
    expect(results.map(({ stdout }) => stdout)).toEqual(["done", "done"]);
    expect(readFileSync(log, "utf8")).toBe("built\n");
  });
});
