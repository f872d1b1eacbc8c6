import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffSnapshots, takeSnapshot } from "../../../scripts/local/vps/snapshot";

let directory: string;
const at = (path: string) => join(directory, path);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "openclaw-snapshot-"));
  mkdirSync(at("openclaw/logs"), { recursive: true });
  writeFileSync(at(".env"), "A=1\n", { mode: 0o600 });
  writeFileSync(at("docker-compose.yml"), "services: {}\n");
  writeFileSync(at("openclaw/openclaw.json"), "{}\n");
  writeFileSync(at("openclaw/logs/today"), "one\n");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const changes: [string, () => void, string[]][] = [
  ["nothing", () => {}, []],
  ["content", () => writeFileSync(at(".env"), "A=2\n"), [".env: content (4 -> 4 bytes)"]],
  ["mode", () => chmodSync(at(".env"), 0o640), [".env: mode (100600 -> 100640)"]],
  ["a directory's mode", () => chmodSync(at("openclaw"), 0o711), ["openclaw/: mode (40755 -> 40711)"]],
  ["a new file", () => writeFileSync(at("docker-compose.x.yml"), "{}"), ["docker-compose.x.yml: new"]],
  ["a removed file", () => rmSync(at(".env")), [".env: gone"]],
  [
    "OpenClaw's configuration and its backup",
    () => {
      appendFileSync(at("openclaw/openclaw.json"), "// more\n");
      writeFileSync(at("openclaw/openclaw.json.bak"), "{}\n");
    },
    ["openclaw/openclaw.json: content (3 -> 11 bytes)", "openclaw/openclaw.json.bak: new"],
  ],
  [
    "everything in the stack's state directory",
    () => {
      mkdirSync(at(".openclaw-ai-gateway/sealed"), { recursive: true });
      symlinkSync("../x", at(".openclaw-ai-gateway/sealed/link"));
    },
    [
      ".openclaw-ai-gateway/: new",
      ".openclaw-ai-gateway/sealed/: new",
      ".openclaw-ai-gateway/sealed/link: new",
    ],
  ],
  [
    "OpenClaw's runtime state is its own",
    () => {
      appendFileSync(at("openclaw/logs/today"), "two\n");
      writeFileSync(at("openclaw/openclaw.json.last-good"), "{}\n");
    },
    [],
  ],
];

test.each(changes)("%s", (_, change, expected) => {
  const before = takeSnapshot(directory);
  change();
  expect(diffSnapshots(before, takeSnapshot(directory))).toEqual(expected);
});

// Only root can give a file away.
(process.getuid?.() === 0 ? test : test.skip)("owner", () => {
  const before = takeSnapshot(directory);
  chownSync(at(".env"), 1000, 1001);
  expect(diffSnapshots(before, takeSnapshot(directory))).toEqual([".env: owner (0:0 -> 1000:1001)"]);
});
