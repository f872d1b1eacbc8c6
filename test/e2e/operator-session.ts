import type { Finished } from "../../scripts/lib/run";
import {
  createLocalEnvironment,
  type LocalEnvironment,
  type LocalEnvironmentOptions,
} from "../../scripts/local/environment";
import type { LocalVps } from "../../scripts/local/vps";
import type { Toolchain } from "../../scripts/setup";
import { operatorCommand } from "./operator-command";

export const ANTHROPIC = "anthropic/claude-sonnet-4-6";

/** One stack, by default with one VPS whose OpenClaw runs on its own files, and what an operator types. */
export class OperatorSession {
  readonly environment: LocalEnvironment;
  /** Output of every command, to be searched for secrets. */
  printed = "";

  private constructor(environment: LocalEnvironment) {
    this.environment = environment;
  }

  static async start(
    toolchain: Toolchain,
    stack: string,
    options: Omit<LocalEnvironmentOptions, "toolchain" | "stack"> = {},
  ): Promise<OperatorSession> {
    const environment = await createLocalEnvironment({ ...options, toolchain, stack });
    try {
      for (const vps of environment.vps) await vps.start();
    } catch (error) {
      await environment.close();
      throw error;
    }
    return new OperatorSession(environment);
  }

  /** @throws Error in a session without one */
  get vps(): LocalVps {
    const [vps] = this.environment.vps;
    if (!vps) throw new Error("no VPS");
    return vps;
  }

  pulumi = (...args: string[]) => this.noted(this.environment.stack.pulumi(args));
  up = (...flags: string[]) => this.pulumi("up", "--yes", "--skip-preview", ...flags);
  refresh = (...flags: string[]) => this.pulumi("refresh", "--yes", "--skip-preview", ...flags);
  destroy = () => this.pulumi("destroy", "--yes", "--skip-preview");
  command = (name: string, ...flags: string[]) =>
    this.noted(operatorCommand(name, this.environment.stack, ...flags));
  /** Of a command that reads or changes the configuration. */
  configured = (name: string, ...flags: string[]) =>
    this.command(name, "--config-file", this.environment.stack.configFile, ...flags);
  /** Without `--host`: there is only one. */
  bypass = (...flags: string[]) => this.configured("bypass", ...flags);

  async noted(call: Promise<Finished>): Promise<Finished> {
    const finished = await call;
    this.printed += finished.stdout + finished.stderr;
    return finished;
  }

  /** What OpenClaw answers to one message. @throws Error with what it said, when it did not */
  async answer(model: string = ANTHROPIC): Promise<string> {
    const reply = await this.vps.ask("Are you there?", model);
    if (!reply.ok) throw new Error(`OpenClaw did not answer with ${model}:\n${reply.raw}`);
    return reply.text;
  }

  /** One message to OpenClaw; whether the gateway saw it. */
  async message(): Promise<"through the gateway" | "to the provider itself"> {
    const { cloudflare } = this.environment;
    const logged = cloudflare.gatewayLog().length;
    await this.answer();
    return cloudflare.gatewayLog().length > logged ? "through the gateway" : "to the provider itself";
  }

  /** A whole turn of the agent, by the running OpenClaw, with its tools and side requests. */
  agentTurn(): Promise<Finished> {
    return this.vps.compose([
      ...["exec", "-T", this.vps.service, "node", "dist/index.js", "agent", "--agent", "main"],
      ...["--message", "Are you there?", "--json", "--model", ANTHROPIC],
    ]);
  }

  /** What `npm run status` calls it. */
  async serving(): Promise<unknown> {
    const { stdout } = await operatorCommand("status", this.environment.stack, "--json");
    return (JSON.parse(stdout) as { hosts: { serving: string }[] }).hosts[0]?.serving;
  }

  /** Which of the secrets stand in something that was printed, or in `text`. */
  leaked(secrets: Readonly<Record<string, string>>, text = this.printed): string[] {
    const names = Object.entries(secrets).map(([name, value]) => {
      if (value.length <= 20) throw new Error(`${name} is too short to be looked for`);
      return text.includes(value) ? [name] : [];
    });
    return names.flat();
  }
}
