import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Miniflare } from "miniflare";
import { bundleWorker } from "../../infra/cloudflare/worker-bundle";
import { GATEWAY_ENDPOINTS, LLM_PROVIDERS } from "../../infra/llm-providers";
import {
  COMPATIBILITY_DATE,
  COMPATIBILITY_FLAGS,
  keyBinding,
  MAIN_MODULE,
} from "../../infra/worker/bindings";

export const ACCOUNT_ID = "0123456789abcdef0123456789abcdef";
export const GATEWAY_ID = "openclaw-test";
export const RUN_TOKEN = "run-token-of-the-gateway";
/** Path of the gateway below its origin. */
export const GATEWAY_PATH = `/v1/${ACCOUNT_ID}/${GATEWAY_ID}`;

/** The tokens the Worker accepts in the tests: two hosts, one of them in the middle of a rotation. */
export const HOST_TOKENS = {
  vps1: "ocg_firstHostGeneration1xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  vps1Next: "ocg_firstHostGeneration2xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  vps2: "ocg_secondHostGeneration1xxxxxxxxxxxxxxxxxxxxxxxxxxx",
} as const;

/** The key the Worker holds for a provider in the tests. */
export function providerKey(slug: string): string {
  return `key-of-${slug}`;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Values of the Worker's bindings, by name. */
export type Bindings = Record<string, Json>;

/** Bindings of a complete Worker in front of that gateway. */
export function bindings(gatewayUrl: string): Bindings {
  const accepted = [
    { host: "vps1", generation: 1, sha256: sha256(HOST_TOKENS.vps1) },
    { host: "vps1", generation: 2, sha256: sha256(HOST_TOKENS.vps1Next) },
    { host: "vps2", generation: 1, sha256: sha256(HOST_TOKENS.vps2) },
  ];
  const withKey = LLM_PROVIDERS.filter(({ runTokenKey }) => !runTokenKey);
  const keys = withKey.map(({ slug }) => [keyBinding(slug), providerKey(slug)] as const);
  return {
    GATEWAY_URL: gatewayUrl,
    ACCOUNT_ID,
    GATEWAY_ID,
    PROVIDERS: GATEWAY_ENDPOINTS.map(({ slug }) => slug).sort(),
    RUN_TOKEN,
    HOST_TOKENS: JSON.stringify(accepted),
    ...Object.fromEntries(keys),
  };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export interface RequestInit {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  json(): unknown;
}

/** The deployed bytes of the Worker, running in workerd. */
export class RunningWorker {
  readonly url: string;
  /** What the Worker has written to its console, line by line. */
  readonly lines: readonly string[];
  readonly #miniflare: Miniflare;

  private constructor(miniflare: Miniflare, url: string, lines: readonly string[]) {
    this.#miniflare = miniflare;
    this.url = url;
    this.lines = lines;
  }

  /**
   * @param wrapper a main module that imports `./worker.mjs`, to watch the Worker from inside the runtime
   * @param requestsPerMinute limit of `HOST_RATE_LIMIT`; without it there is no such binding
   */
  static async start(
    values: Bindings,
    { wrapper, requestsPerMinute }: { wrapper?: string; requestsPerMinute?: number } = {},
  ): Promise<RunningWorker> {
    const lines: string[] = [];
    const worker = { type: "ESModule", path: MAIN_MODULE, contents: bundleWorker() } as const;
    const main = { type: "ESModule", path: "wrapper.mjs", contents: wrapper ?? "" } as const;
    const miniflare = new Miniflare({
      modules: wrapper === undefined ? [worker] : [main, worker],
      compatibilityDate: COMPATIBILITY_DATE,
      compatibilityFlags: [...COMPATIBILITY_FLAGS],
      bindings: values,
      ...(requestsPerMinute === undefined
        ? {}
        : {
            ratelimits: {
              HOST_RATE_LIMIT: { namespace_id: "1", simple: { limit: requestsPerMinute, period: 60 } },
            },
          }),
      handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
        for (const stream of [stdout, stderr])
          createInterface({ input: stream }).on("line", (line) => lines.push(line));
      },
      host: "127.0.0.1",
      port: 0,
      // A socket of the Worker's own: Miniflare's usual entry would rewrite paths and headers on the way.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    });
    const url = await miniflare.unsafeGetDirectURL();
    return new RunningWorker(miniflare, url.origin, lines);
  }

  async stop(): Promise<void> {
    await this.#miniflare.dispose();
  }

  /** Sends a request whose path goes out exactly as given, which `fetch` would normalise. */
  send(path: string, { method = "POST", headers = {}, body }: RequestInit = {}): Promise<Reply> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      const request = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const whole = Buffer.concat(chunks);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: whole, json: () => JSON.parse(whole.toString()) });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }
}

/** A request's credentials: the host token as OpenAI clients send it. */
export function bearer(token: string = HOST_TOKENS.vps1): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
