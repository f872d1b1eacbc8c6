import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the fake API answers to a GET: a result, or a refusal with status and code. */
export type Answer = { result: unknown } | { status: number; code: number; message?: string };

export interface FakeApi {
  /** What `cloudflare:baseUrl` is set to. */
  readonly baseUrl: string;
  /** By path below the base, without the query; may be changed at any time. */
  answers: Record<string, Answer>;
  /** Paths that were asked for, with their `authorization`. */
  readonly asked: { path: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
const account = `/accounts/${ACCOUNT}`;

/** A token of the account that may do everything, and may not read its own policies. */
export const ALL_IS_WELL: Record<string, Answer> = {
  [`${account}/tokens/verify`]: { result: { id: "t1", status: "active" } },
  [`${account}/ai-gateway/gateways`]: { result: [] },
  [`${account}/workers/subdomain`]: { result: { subdomain: "acme" } },
  [`${account}/tokens/permission_groups`]: { result: [] },
  [`${account}/secrets_store/stores`]: { result: [] },
};

const INVALID: Answer = { status: 401, code: 1000, message: "Invalid API Token" };

/** The few reads of the API that the program makes before any resource. What has no answer is refused. */
export async function startFakeApi(): Promise<FakeApi> {
  const asked: FakeApi["asked"] = [];
  const server = createServer(({ url = "/", headers }, response) => {
    const path = new URL(url, "http://local").pathname.replace("/client/v4", "");
    asked.push({ path, authorization: headers.authorization });
    const answer = api.answers[path] ?? (path.endsWith("/verify") ? INVALID : { status: 403, code: 10000 });
    const ok = "result" in answer;
    response.writeHead(ok ? 200 : answer.status, { "content-type": "application/json" });
    response.end(
      JSON.stringify(
        ok
          ? { success: true, result: answer.result, errors: [] }
          : {
              success: false,
              result: null,
              errors: [{ code: answer.code, message: answer.message ?? "no" }],
            },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const api: FakeApi = {
    baseUrl: `http://127.0.0.1:${port}/client/v4`,
    answers: { ...ALL_IS_WELL },
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return api;
}
