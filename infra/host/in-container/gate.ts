import { setTimeout as sleep } from "node:timers/promises";
import { answer, type Fields, Refusal } from "./channel";
import { isObject } from "./json";
import { isKey } from "./key-search";
import { keyShapes } from "./look";
import { jsonIn, lastLines, openclaw } from "./openclaw";

/** Inside the running container: OpenClaw's own readiness, up to `seconds`. The caller asks again while it may. */
export async function ready(fields: Fields): Promise<void> {
  const url = `http://127.0.0.1:${fields.text("port")}/readyz`;
  const deadline = Date.now() + fields.seconds("seconds") * 1000;
  for (;;) {
    const status = await statusOf(url);
    if (status === 200) return;
    if (Date.now() > deadline) {
      throw new Refusal(
        "openclaw_not_ready",
        `OpenClaw's /readyz answers ${status || "nothing"}`,
        "status 200 with ready: true",
        "docker compose logs --tail 50; hosts[].readyWaitSeconds where it only needs longer",
      );
    }
    await sleep(500);
  }
}

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    const body = await response.text();
    // A path that OpenClaw does not know answers 200 with the page of its control UI.
    return response.status === 200 && !/"ready"\s*:\s*true/.test(body) ? 404 : response.status;
  } catch {
    return 0;
  }
}

/** Inside the running container: no provider key in its environment. The host's own token is none. */
export function keyless(fields: Fields): void {
  const shapes = keyShapes(fields);
  const allowed = new Set(fields.json<string[]>("allow-keys", []));
  const left = Object.entries(process.env)
    .filter(
      ([name, value]) =>
        value && isKey(name, value, shapes) && !allowed.has(`${fields.text("service")}:${name}`),
    )
    .map(([name]) => name);
  if (left.length > 0) {
    throw new Refusal(
      "key_in_container",
      `the container gets a provider key in ${left.sort().join(", ")}`,
      "no provider key in the container's environment",
      "docker compose config shows which file sets it; take it out there",
    );
  }
}

/** Inside the running container: one real answer of the model, through the Worker. Readiness does not prove that. */
export async function turn(fields: Fields): Promise<void> {
  const model = fields.text("model");
  const args = ["infer", "model", "run", "--local", "--model", model, "--prompt", "Reply with: ok", "--json"];
  let why = "";
  for (let attempt = 1; attempt <= 2; attempt++) {
    if (attempt > 1) await sleep(3000);
    const finished = openclaw(fields.text("entry"), args, { seconds: fields.seconds("seconds") });
    const result = jsonIn(finished.stdout);
    if (finished.code === 0 && isObject(result) && result.ok === true) {
      answer("turn", model);
      return;
    }
    why = isObject(result) && isObject(result.error) ? String(result.error.message) : lastLines(finished);
  }
  throw new Refusal(
    "model_unanswered",
    `${model} does not answer through the Worker: ${why}`,
    "one real answer",
    "look up the Worker's code, if the message has one, in docs/troubleshooting.md; docker compose logs --tail 50",
  );
}
