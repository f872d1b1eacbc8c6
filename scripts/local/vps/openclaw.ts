import { setTimeout as sleep } from "node:timers/promises";
import type { ComposeProject } from "./compose-project";

/** What one turn gave. */
export interface Answer {
  ok: boolean;
  /** The model's text, or OpenClaw's error message. */
  text: string;
  /** OpenClaw's whole output. */
  raw: string;
}

/** Two busy cores need about 20 s for a start; a machine that compiles something beside it much longer. */
const READY_TIMEOUT_MS = 240_000;
const POLL_MS = 250;

/** Resolves when the gateway's `/readyz` says so. @throws Error with the last log lines when it cannot */
export async function untilReady(
  gatewayUrl: string,
  project: ComposeProject,
  service: string,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(gatewayUrl))) {
    const status = await project.statusOf(service);
    const late = performance.now() > deadline;
    if (late || status !== "running") {
      const reason = late ? `was not ready within ${READY_TIMEOUT_MS / 1000} s` : `is ${status ?? "gone"}`;
      throw new Error(
        `The container of ${service} ${reason}. Its last lines were:\n${await project.logs(service, 15)}`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function isReady(gatewayUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${gatewayUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** One turn by OpenClaw's own command inside the running container: exactly one request to the model. */
export async function askInContainer(
  project: ComposeProject,
  service: string,
  prompt: string,
  model?: string,
): Promise<Answer> {
  const { stdout, stderr } = await project.compose([
    ...["exec", "-T", service, "node", "dist/index.js", "infer", "model", "run", "--local", "--json"],
    ...["--prompt", prompt],
    ...(model === undefined ? [] : ["--model", model]),
  ]);
  return readAnswer(stdout, stderr);
}

/** Reads `{"ok":true,"outputs":[{"text":…}]}`; on failure OpenClaw's own message is the text. */
function readAnswer(stdout: string, stderr: string): Answer {
  const raw = stdout + stderr;
  try {
    const { ok, outputs, error } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as InferOutput;
    const text = ok
      ? (outputs ?? []).map((output) => output.text ?? "").join("\n")
      : typeof error === "string"
        ? error
        : (error?.message ?? raw.trim());
    return { ok: ok === true, text, raw };
  } catch {
    return { ok: false, text: raw.trim(), raw };
  }
}

interface InferOutput {
  ok?: boolean;
  outputs?: { text?: string }[];
  error?: string | { message?: string };
}
