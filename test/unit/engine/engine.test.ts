import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { builtHome } from "../../../scripts/engine/build";
import { downloadAddress, downloadSiteAnswers, officialHome } from "../../../scripts/engine/official";
import { installedVersions } from "../../../scripts/engine/versions";
import { type EngineSteps, prepareEngine } from "../../../scripts/setup/engine";

const versions = installedVersions();
const savedCache = process.env.OPENCLAW_AI_GATEWAY_CACHE;
const savedFetch = globalThis.fetch;
let directory: string;
let servers: Server[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "engine-test-"));
  process.env.OPENCLAW_AI_GATEWAY_CACHE = directory;
  servers = [];
});

afterEach(() => {
  if (savedCache === undefined) delete process.env.OPENCLAW_AI_GATEWAY_CACHE;
  else process.env.OPENCLAW_AI_GATEWAY_CACHE = savedCache;
  globalThis.fetch = savedFetch;
  for (const server of servers) server.close().closeAllConnections();
  rmSync(directory, { recursive: true });
});

/** A stand-in for the download site. Returns its address. */
async function site(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/install.sh`;
}

function steps(overrides: Partial<EngineSteps>): EngineSteps & { done: string[] } {
  const done: string[] = [];
  return {
    done,
    siteAnswers: async () => true,
    install: async () => {
      done.push("install");
      return "/official";
    },
    build: async () => {
      done.push("build");
      return "/built";
    },
    ...overrides,
  };
}

const script: RequestListener = (_, response) => response.end("#!/bin/sh\necho install\n");

describe("the way to the engine", () => {
  test("a download site that answers: the vendor's engine", async () => {
    const address = await site(script);
    const ways = steps({ siteAnswers: () => downloadSiteAnswers(address) });
    const engine = await prepareEngine(() => {}, ways);
    expect(ways.done).toEqual(["install"]);
    expect(engine).toMatchObject({
      origin: "official",
      pulumiHome: "/official",
      pulumi: `/official/versions/${versions.cli}/bin/pulumi`,
    });
  });

  test.each<[string, RequestListener]>([
    ["an error", (_, response) => response.writeHead(503).end("#!/bin/sh")],
    ["a page instead of the script", (_, response) => response.end("<html>Please log in</html>")],
    ["nothing in time", () => {}],
  ])("a site that answers with %s: built", async (_, answer) => {
    const address = await site(answer);
    const ways = steps({ siteAnswers: () => downloadSiteAnswers(address, 200) });
    expect((await prepareEngine(() => {}, ways)).origin).toBe("built");
    expect(ways.done).toEqual(["build"]);
  });

  test("a site that cannot be reached: built", async () => {
    const address = await site(script);
    await new Promise((resolve) => servers[0]?.close(resolve));
    expect(await downloadSiteAnswers(address)).toBe(false);
  });

  test("a download that fails half way: built", async () => {
    const ways = steps({ install: () => Promise.reject(new Error("connection reset")) });
    expect((await prepareEngine(() => {}, ways)).origin).toBe("built");
  });

  test("neither way works: both reasons in one error", async () => {
    const ways = steps({
      install: () => Promise.reject(new Error("connection reset")),
      build: () => Promise.reject(new Error("no Go was found")),
    });
    await expect(prepareEngine(() => {}, ways)).rejects.toThrow(
      "can be neither downloaded nor built.\nDownload: connection reset\nBuild: no Go was found",
    );
  });

  test.each(["official", "built"] as const)(
    "an %s engine in the cache is used without asking",
    async (origin) => {
      const home = origin === "official" ? officialHome(versions) : builtHome(versions);
      mkdirSync(home, { recursive: true });
      const ways = steps({ siteAnswers: () => Promise.reject(new Error("was asked")) });
      expect(await prepareEngine(() => {}, ways)).toMatchObject({ origin, pulumiHome: home });
      expect(ways.done).toEqual([]);
    },
  );
});

test("the address is the one that the npm wrapper downloads from", async () => {
  const asked: string[] = [];
  globalThis.fetch = async (input) => {
    asked.push(String(input));
    throw new Error("stop here");
  };
  const { installCLI } = jest.requireActual<{ installCLI(version: string, root: string): Promise<void> }>(
    join(dirname(require.resolve("pulumi/package.json")), "lib", "download.js"),
  );
  await expect(installCLI(versions.cli, directory)).rejects.toThrow("stop here");
  expect(asked).toEqual([downloadAddress()]);
});

test("the environment points to this engine and no other", async () => {
  const engine = await prepareEngine(() => {}, steps({ siteAnswers: async () => false }));
  const { PATH, ...rest } = engine.env();
  expect(rest).toEqual({
    PULUMI_HOME: "/built",
    PULUMI_VERSION: versions.cli,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
  });
  expect(PATH?.split(delimiter).slice(0, 2)).toEqual([dirname(engine.pulumi), dirname(process.execPath)]);
});

test("a built engine is never where a run against a real account looks", () => {
  expect(builtHome(versions)).toMatch(new RegExp(`^${directory}/engine/home-[0-9a-f]{16}$`));
  expect(builtHome(versions)).not.toBe(officialHome(versions));
});

test("another version of a package is another engine", () => {
  const other = { ...versions, plugins: { ...versions.plugins, random: "4.0.0" } };
  expect(builtHome(other)).not.toBe(builtHome(versions));
  expect(officialHome(other)).not.toBe(officialHome(versions));
});
