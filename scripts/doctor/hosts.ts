import { runOnHost } from "../../infra/host/jump-host";
import { type HostVerb, hostCommand, lookStdin } from "../../infra/host/payload";
import { isWell, readStatus } from "../../infra/stack-status";
import { CONNECT_MS } from "../lib/connect-limits";
import { readAnswer } from "../lib/host-answer";
import { type Check, type Finding, failed, ok, type Problem, skipped } from "./check";
import type { DeployedHost, Deployment } from "./deployment";

/** A look through all files; the turn has two attempts of two minutes each. */
const LIMIT_MS = 300_000;

/** A short prompt with OpenClaw's own instructions around it, to a large model. */
const TURN_USD = 0.02;

/** What each VPS says of itself, over SSH with the pinned key. */
export function hostChecks({ hosts, config }: Deployment, inference: boolean): Check[] {
  const present = config.hosts.filter(({ state }) => state === "present").map(({ name }) => name);
  const known = new Set(hosts.filter(({ applied }) => applied).map(({ name }) => name));
  return [
    ...present.filter((name) => !known.has(name)).map(notApplied),
    ...hosts
      .filter(({ applied }) => applied)
      .flatMap((host) => checksOf(host, { inference, keepsKeys: config.access === "direct" })),
  ];
}

function notApplied(name: string): Check {
  return {
    id: `host:${name}:login`,
    title: `${name}: is set up`,
    run: async () => failed("it is configured, and no up has finished there yet", "npx pulumi up"),
  };
}

interface Questions {
  readonly inference: boolean;
  /** Whether the host has its provider keys by right. */
  readonly keepsKeys: boolean;
}

function checksOf(host: DeployedHost, { inference, keepsKeys }: Questions): Check[] {
  const { name } = host;
  const id = (what: string) => `host:${name}:${what}`;
  const needs = [id("login")];
  return [
    { id: id("login"), title: `${name}: SSH log-in, with the pinned host key`, run: () => logIn(host) },
    {
      id: id("files"),
      title: `${name}: files, container and its environment as applied`,
      needs,
      run: () => asApplied(host),
    },
    ...(keepsKeys
      ? []
      : [{ id: id("keys"), title: `${name}: no provider key left on it`, needs, run: () => noKeys(host) }]),
    { id: id("ready"), title: `${name}: OpenClaw is ready`, needs, run: () => plainly(host, "ready") },
    {
      id: id("turn"),
      title: `${name}: OpenClaw gets a real answer`,
      needs: [id("ready")],
      ...(inference
        ? { usd: TURN_USD, run: () => turn(host) }
        : { run: async () => skipped("--no-inference") }),
    },
  ];
}

async function logIn({ server }: DeployedHost): Promise<Finding> {
  const result = await runOnHost(
    server,
    { command: "exec true", stdin: "", limitMs: CONNECT_MS.check },
    CONNECT_MS.check,
  );
  if (!("unreachable" in result)) return ok();
  const { user, address, port } = server;
  return failed(result.unreachable, `try it by hand: ssh -p ${port} ${user}@${address}`);
}

async function asApplied(host: DeployedHost): Promise<Finding> {
  const { stdout } = await ask(host, "status", lookStdin(host.stdin));
  const status = readStatus(host.name, stdout);
  if (isWell(status)) return ok();
  const found =
    status.serving === "own"
      ? "nothing of this stack is there"
      : [...status.drift, ...status.notes].join("; ");
  return failed(found, "npx pulumi up puts back what is the stack's, and keeps what is yours");
}

async function noKeys(host: DeployedHost): Promise<Finding> {
  const { exitCode, stdout } = await ask(host, "keys");
  if (exitCode !== 0) return { outcome: "failed", problems: problemsIn(stdout) };
  const allowed = /^keys left as allowed: (.*)$/m.exec(stdout)?.[1]?.trim();
  const left = allowed === undefined ? "" : `left as allowed (hosts[].allowKeys): ${allowed}. `;
  return ok(`${left}Those that were there before: revoke them at the providers`);
}

async function turn(host: DeployedHost): Promise<Finding> {
  const finding = await plainly(host, "turn");
  return finding.outcome === "ok" ? ok(finding.says?.replace(/^answered: /, "")) : finding;
}

/** A verb whose output says it all. */
async function plainly(host: DeployedHost, verb: HostVerb): Promise<Finding> {
  const { exitCode, stdout } = await ask(host, verb);
  if (exitCode !== 0) return { outcome: "failed", problems: problemsIn(stdout) };
  return verb === "ready" ? ok() : ok(stdout.trim());
}

/** The host program's own words as problems. */
export function problemsIn(text: string): Problem[] {
  const problems = readAnswer(text).refusals.map(({ code, found, fix }) => ({
    says: `${code}: ${found}`,
    fix,
  }));
  if (problems.length > 0) return problems;
  return [{ says: text.trim() || "the host said nothing", fix: "npx pulumi up --refresh" }];
}

async function ask(host: DeployedHost, verb: HostVerb, stdin = host.questions) {
  const command = { command: hostCommand(verb), stdin, limitMs: LIMIT_MS };
  const result = await runOnHost(host.server, command, CONNECT_MS.check);
  if ("unreachable" in result) throw new Error(result.unreachable);
  return result;
}
