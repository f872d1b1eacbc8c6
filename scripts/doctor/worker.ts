import { type Check, type Finding, failed, ok } from "./check";
import type { DeployedHost, Deployment } from "./deployment";
import { askWorker, type WorkerAnswer } from "./worker-call";

/** Id of the check that a host's token gets through. */
export function readyId({ name }: { readonly name: string }): string {
  return `worker-ready:${name}`;
}

/** That the Worker serves each host, and nobody and nothing else. */
export function workerChecks({ workerUrl, hosts }: Deployment): Check[] {
  if (workerUrl === undefined) return [];
  const served = hosts.filter((host) => host.token !== undefined);
  return [
    ...served.map((host) => ready(workerUrl, host)),
    refusesBadToken(workerUrl),
    ...served.slice(0, 1).map((host) => refusesUnlistedPath(workerUrl, host)),
  ];
}

function ready(workerUrl: string, { name, token }: DeployedHost): Check {
  return {
    id: readyId({ name }),
    title: `${name}: Worker is ready for its token`,
    run: async () => {
      const answer = await askWorker(`${workerUrl}/readyz`, token);
      if (answer.status === 200 && /"ready"\s*:\s*true/.test(answer.text)) return ok();
      if (answer.status === 401) return failed(described(answer), "npx pulumi up");
      return failed(described(answer), fixFor(answer));
    },
  };
}

/** A token of the right form that nobody has. */
const BAD_TOKEN = `ocg_${"doctor".repeat(8)}`;

function refusesBadToken(workerUrl: string): Check {
  return {
    id: "worker-bad-token",
    title: "Worker refuses a wrong token (401), upstream is not called",
    run: async () =>
      refused(
        await askWorker(`${workerUrl}/compat/chat/completions`, BAD_TOKEN, {}),
        401,
        "host_token_invalid",
      ),
  };
}

function refusesUnlistedPath(workerUrl: string, { token }: DeployedHost): Check {
  return {
    id: "worker-unlisted-path",
    title: "Worker refuses an unlisted path (404), upstream is not called",
    run: async () => refused(await askWorker(`${workerUrl}/openai/v1/files`, token, {}), 404, "unknown_path"),
  };
}

/** Only the Worker itself says that code, and every answer of the gateway has a log id. */
function refused(answer: WorkerAnswer, status: number, code: string): Finding {
  if (answer.status === status && answer.code === code && answer.logId === undefined) return ok();
  const upstream = answer.logId === undefined ? "" : `, and it passed the gateway (${answer.logId})`;
  return failed(`${described(answer)}${upstream}; expected is ${status} ${code}`, fixFor(answer));
}

/** What an answer says that is none of the expected ones. */
export function described({ status, code, text }: WorkerAnswer): string {
  if (status === 0) return `the Worker cannot be reached: ${text}`;
  return code === undefined ? `HTTP ${status}: ${text || "no text"}` : `HTTP ${status} ${code}`;
}

/** What to do about an answer of the Worker; its codes have lines of their own in the documentation. */
export function fixFor({ status, code }: WorkerAnswer): string {
  if (code !== undefined) return `npx pulumi up --refresh; ${code} in docs/troubleshooting.md says more`;
  if (status === 0) return "npx pulumi up --refresh; check worker.url and the network of this computer";
  return "npx pulumi up --refresh, which deploys the Worker as it was";
}
