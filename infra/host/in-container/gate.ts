import { setTimeout as sleep } from "node:timers/promises";
import { answer, Checks, type Fields, Refusal, readText } from "./channel";
import { type Compose, usesOfKeys } from "./compose";
import { placesInCompose } from "./inventory";
import { getPath, isObject, type JsonObject } from "./json";
import { isKey } from "./key-search";
import { keyShapes, refusePlaces } from "./look";
import { configPath, jsonIn, lastLines, openclaw, parseConfig } from "./openclaw";
import { readiness } from "./readiness";

/** Inside the running container: OpenClaw's own readiness, up to `seconds`. The caller asks again while it may. */
export async function ready(fields: Fields): Promise<void> {
  const url = readyUrl(fields.text("port"), presentConfig(fields.text("entry")));
  const deadline = Date.now() + fields.seconds("seconds") * 1000;
  for (;;) {
    const status = await readiness(url);
    if (status === 200) return;
    if (Date.now() > deadline) {
      throw new Refusal(
        "openclaw_not_ready",
        `OpenClaw's ${url} answers ${status || "nothing"}`,
        "status 200 with ready: true",
        "docker compose logs --tail 50, which say where it listens too; hosts[].readyWaitSeconds where it only needs longer",
      );
    }
    await sleep(500);
  }
}

/**
 * Where OpenClaw listens. Whatever `gateway.bind` says, 127.0.0.1 is among it: OpenClaw 2026.9.6 does not start without.
 *
 * @param port of its command or its variable, which go before the configuration's; empty without either
 */
export function readyUrl(port: string, config: JsonObject): string {
  const scheme = getPath(config, ["gateway", "tls", "enabled"]) === true ? "https" : "http";
  const configured = getPath(config, ["gateway", "port"]);
  return `${scheme}://127.0.0.1:${port || (typeof configured === "number" ? configured : 18789)}/readyz`;
}

/** OpenClaw itself says what is wrong with a file that it cannot read. */
function presentConfig(entry: string): JsonObject {
  try {
    return parseConfig(readText(configPath(process.env)) ?? "", entry);
  } catch {
    return {};
  }
}

/**
 * Inside the running container: no provider key in its environment, nor in what Compose makes of the project where the
 * caller asks for that too.
 */
export function keyless(fields: Fields): void {
  const compose = fields.json<Compose>("compose", {});
  const checks = new Checks();
  refusePlaces(fields, placesInCompose(usesOfKeys(compose, keyShapes(fields), new Set())), checks);
  checks.finish();
  const left = keysInEnvironment(fields);
  if (left.length > 0) {
    throw new Refusal(
      "key_in_container",
      `the container gets a provider key in ${left.join(", ")}`,
      "no provider key in the container's environment",
      "docker compose config shows which file sets it; take it out there",
    );
  }
}

/**
 * The variables that hold a provider key, save where one may stay. The host's own token is none, and a host that calls the
 * gateway itself keeps its keys.
 */
export function keysInEnvironment(fields: Fields): string[] {
  if (fields.isDirect) return [];
  const shapes = keyShapes(fields);
  const allowed = new Set(fields.json<string[]>("allow-keys", []));
  return Object.entries(process.env)
    .filter(
      ([name, value]) =>
        value && isKey(name, value, shapes) && !allowed.has(`${fields.text("service")}:${name}`),
    )
    .map(([name]) => name)
    .sort();
}

/** Inside the running container: one real answer of the model, through the gateway. Readiness does not prove that. */
export async function turn(fields: Fields): Promise<void> {
  const model = fields.text("model");
  const why = await failureOfTurn(fields, ["--model", model], () => false);
  if (why === undefined) return answer("turn", model);
  throw new Refusal(
    "model_unanswered",
    `${model} does not answer through the ${fields.isDirect ? "gateway" : "Worker"}: ${why}`,
    "one real answer",
    fields.isDirect
      ? "check the host's own key for that provider; docker compose logs --tail 50"
      : "look up the Worker's code, if the message has one, in docs/troubleshooting.md; docker compose logs --tail 50",
  );
}

/** The same on the operator's own configuration, with the model that it names. */
export async function ownTurn(fields: Fields): Promise<void> {
  const why = await failureOfTurn(fields, [], isRefusedKey);
  if (why === undefined) return;
  if (isRefusedKey(why)) {
    throw new Refusal(
      "own_key_refused",
      `the provider refuses the key in the host's own files: ${why}`,
      "a key that is valid; this one was probably revoked",
      "for destroy: pulumi config set --path restore.keys stack, pulumi up, pulumi destroy; " +
        "for bypass: the same command with --keys stack",
    );
  }
  throw new Refusal(
    "own_model_unanswered",
    `the model of the host's own configuration does not answer: ${why}`,
    "one real answer",
    "docker compose logs --tail 50",
  );
}

/** Why OpenClaw's own command got no answer in two attempts, or in one that is final; undefined when it got one. */
async function failureOfTurn(
  fields: Fields,
  options: readonly string[],
  isFinal: (why: string) => boolean,
): Promise<string | undefined> {
  const args = ["infer", "model", "run", "--local", ...options, "--prompt", "Reply with: ok", "--json"];
  let why = "";
  for (let attempt = 1; attempt <= 2; attempt++) {
    if (attempt > 1) await sleep(3000);
    const finished = openclaw(fields.text("entry"), args, { seconds: fields.seconds("seconds") });
    const result = jsonIn(finished.stdout);
    if (finished.code === 0 && isObject(result) && result.ok === true) return undefined;
    why = isObject(result) && isObject(result.error) ? String(result.error.message) : lastLines(finished);
    if (isFinal(why)) break;
  }
  return why;
}

/** By the status that the provider answered, or by the words that the vendors use in its place. */
function isRefusedKey(why: string): boolean {
  return /\b40[13]\b|unauthori[sz]ed|forbidden|authentication|(invalid|incorrect|expired)[ _-](x-)?api[ _-]key/i.test(
    why,
  );
}
